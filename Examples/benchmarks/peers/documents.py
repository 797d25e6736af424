"""What every peer needs: the rows, their token ids, padded batches, and one line of JSON."""

import json
import time

import numpy
from tokenizers import Tokenizer


def rows(path):
    """The rows of a JSON-lines file: {"text", "label"}."""
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def tokenizer(encoder):
    """The encoder's own tokenizer, without the padding that its file may ask for."""
    tokenizer = Tokenizer.from_file(f"{encoder}/tokenizer.json")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def token_ids(encoder, texts, maximum_length):
    """One list of ids a text, special tokens included."""
    tokenize = tokenizer(encoder)
    tokenize.enable_truncation(maximum_length)
    return [encoding.ids for encoding in tokenize.encode_batch(texts)]


def padded(documents):
    """Ids and mask of a batch, [documents, longest], in the 64-bit integers that exporters use."""
    longest = max(map(len, documents))
    ids = numpy.zeros((len(documents), longest), numpy.int64)
    mask = numpy.zeros_like(ids)
    for row, document in enumerate(documents):
        ids[row, : len(document)] = document
        mask[row, : len(document)] = 1
    return ids, mask


def batches_of(documents, size):
    """Length-sorted batches of `size` documents."""
    documents = sorted(documents, key=len)
    return [padded(documents[i : i + size]) for i in range(0, len(documents), size)]


def batches_within(documents, budget):
    """Length-sorted batches of at most `budget` tokens, padding included; the largest first,
    so that two streams end together."""
    batches, batch = [], []
    for document in sorted(documents, key=len):
        if batch and (len(batch) + 1) * len(document) > budget:
            batches.append(padded(batch))
            batch = []
        batch.append(document)
    batches.append(padded(batch))
    return batches[::-1]


def seconds(work):
    """Wall seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report(**values):
    """Prints the peer's result, one line of JSON."""
    print(json.dumps(values), flush=True)
