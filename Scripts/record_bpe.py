"""Record what Hugging Face `tokenizers` makes of texts with byte-level BPE, for
Tests/TokenizationTests.

    pip install tokenizers==0.23.3 transformers==5.23.0
    python Scripts/record_bpe.py [SHARED_FOLDER]

With a shared folder a small vocabulary is trained on its texts first; without it the vocabulary
and the digests of the shared texts stay as they are. Of most texts only digests are kept, as in
record_tokenization.py: for each text the number of pieces, then id, start and end of each piece.
"""

import json
import pathlib
import sys
import tempfile

import tokenizers
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import RobertaTokenizer

from record_tokenization import (
    FOLDERS, LINES, MORE_LINES, TEXTS, byte_positions, digest, recorded)

TESTS = pathlib.Path(__file__).parent.parent / "Tests/TokenizationTests"
OUTPUT, MERGES = TESTS / "bpe-recording.json", TESTS / "bpe-merges.txt"
FIRST, LAST = ["<s>", "<pad>", "</s>", "<unk>"], ["<mask>"]

MORE_TEXTS = [
    "I'm sure they've said it's what we'd do; don't you'll 're 'S 'VE ''s 'l 'v 'r '",
    " leading", "  two", "\n\nlines \n here\n ", "a \t b", "tail ", "tail  ", "x\u00a0y \u00a0 z",
    "a\u3000 b \u3000", " '", " 's", "1 2  34 x5y", "½ ² x² Ⅷ ①２", "日", " 日本", "é", "\u0301e",
    "<s> and </s>text<mask> <pad>", "  <mask>  x <mask>", "<unk>unknown <unk>", "<s></s>", "<s>I a",
    "wordy word  sword word word", "a \u2003<name>\n b<name>c", "<mask>\u00e9 <mask>日本 x",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" * 20, "the" * 100, "  " * 40 + "x",
]

PAIRS = [
    ("What is dull?", "A dull, lifeless film.", 512),
    ("What is dull?", "A dull, lifeless film.", 14),
    ("", "An empty query.", 7),
    ("Is  <mask> é a token? ", "Crème </s> brûlée and more of it", 24),
]

# What may stand in tokenizer.json; the first is RoBERTa's.
SETTINGS = {
    "roberta": {},
    "added space": {"space": True},
    "untrimmed": {"trim": False},
    "added space, untrimmed": {"space": True, "trim": False},
    "added space, trimmed as if there were none": {"space": True, "trimmed_space": False},
    "template": {"processor": "template"},
    "byte level and template": {"processor": "sequence", "space": True},
    "added tokens": {"tokens": True},
    "added tokens and space": {"tokens": True, "space": True},
}

# Of the shared texts, those that every setting is recorded on.
PART = ["sst/dev.tsv", "multirc/docs"]

TOKENS = [
    AddedToken("<mask>", lstrip=True, special=True, normalized=True),
    AddedToken("<name>", lstrip=True, rstrip=True, normalized=False),
    AddedToken("word", single_word=True, normalized=True),
    AddedToken("brûlée and", normalized=False),
    AddedToken(" b ", normalized=True),
]


def texts_of(data, lines):
    for name in lines:
        yield name, (data / name).read_bytes().decode().split("\n")
    for name in FOLDERS:
        files = sorted((data / name).iterdir(), key=lambda file: file.name.encode())
        yield name, [file.read_bytes().decode() for file in files]


def train(data):
    """Merges of a small vocabulary that has seen the shared texts."""
    trainer = trainers.BpeTrainer(
        vocab_size=256 + 3000, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(
        (text for _, texts in texts_of(data, LINES) for text in texts), trainer)
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    MERGES.write_text("".join(f"{a} {b}\n" for a, b in merges))


def read_merges():
    return [tuple(line.split(" ")) for line in MERGES.read_text().splitlines()]


def vocabulary(merges):
    """Special tokens, a letter for each byte, then what the merges give, and the mask."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    return [*FIRST, *letters, *dict.fromkeys(a + b for a, b in merges), *LAST]


def make(merges, space=False, trim=True, trimmed_space=None, processor="roberta", tokens=False):
    ids = {token: index for index, token in enumerate(vocabulary(merges))}
    tokenizer = Tokenizer(models.BPE(ids, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=space)
    tokenizer.add_special_tokens([*FIRST, *([] if tokens else LAST)])
    if tokens:
        tokenizer.add_special_tokens(TOKENS[:1])
        tokenizer.add_tokens(TOKENS[1:])
    trimmed_space = space if trimmed_space is None else trimmed_space
    if processor == "roberta":
        tokenizer.post_processor = processors.RobertaProcessing(
            ("</s>", 2), ("<s>", 0), trim_offsets=trim, add_prefix_space=trimmed_space)
        return tokenizer
    template = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B:1 </s>:1",
        special_tokens=[("<s>", 0), ("</s>", 2)])
    byte_level = processors.ByteLevel(
        add_prefix_space=trimmed_space, trim_offsets=trim, use_regex=True)
    tokenizer.post_processor = (
        template if processor == "template" else processors.Sequence([byte_level, template]))
    return tokenizer


def scalars():
    """Every scalar between letters and between a space and a mark."""
    for value in range(0x110000):
        if not 0xD800 <= value < 0xE000:
            yield f"a{chr(value)}b"
            yield f"! {chr(value)}{chr(value)} ?"


def random_texts():
    """Some thousand texts by a generator (Knuth's MMIX) that the tests have too."""
    parts = [
        *"aetnIN019.,'\"-é日½\u0301\u00a0\u3000\n\t", " ", "  ", " the", "'s", "'ve", "ing",
        "<mask>", "</s>", "word", "\r\n", "😀", "ł", "\u200b",
    ]
    state = 1
    for _ in range(5000):
        text = ""
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        for _ in range(state >> 59):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            text += parts[(state >> 33) % len(parts)]
        yield text


def record_pair(tokenizer, query, document, maximum):
    tokenizer.enable_truncation(maximum, strategy="only_second")
    encoding = tokenizer.encode(query, document)
    tokenizer.no_truncation()
    positions = [byte_positions(query), byte_positions(document)]
    flat = [
        0 if sequence is None else positions[sequence][bound]
        for sequence, offset in zip(encoding.sequence_ids, encoding.offsets)
        for bound in offset
    ]
    return {
        "query": query, "document": document, "maximumLength": maximum,
        "ids": encoding.ids, "segmentIDs": encoding.type_ids, "offsets": flat}


def default_tokenizer(merges):
    """What `transformers` makes of vocab.json and merges.txt alone."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        ids = {token: index for index, token in enumerate(vocabulary(merges))}
        (folder / "vocab.json").write_text(json.dumps(ids))
        (folder / "merges.txt").write_text("#version: 0.2\n" + MERGES.read_text())
        return RobertaTokenizer.from_pretrained(folder)._tokenizer


def main(shared=None):
    if shared is not None:
        train(pathlib.Path(shared) / "data")
    merges = read_merges()
    texts = TEXTS + MORE_TEXTS
    old = json.loads(OUTPUT.read_text()) if shared is None else {}
    settings = []
    for name, options in SETTINGS.items():
        tokenizer = make(merges, **options)
        document = json.loads(tokenizer.to_str())
        del document["model"]["vocab"], document["model"]["merges"]
        digests = next((s["digests"] for s in old.get("settings", []) if s["name"] == name), {})
        digests["texts"] = digest(tokenizer, texts)
        digests["random"] = digest(tokenizer, list(random_texts()))
        if name in ["roberta", "added space"]:
            digests["scalars"] = digest(tokenizer, list(scalars()))
        if shared is not None:
            reference = json.loads(
                (pathlib.Path(shared) / "reference/minilm/tokenization.json").read_text())
            digests["reference/minilm/tokenization.json"] = digest(
                tokenizer, [single["text"] for single in reference["single"]])
            for source, lines in texts_of(pathlib.Path(shared) / "data", LINES + MORE_LINES):
                # All of it for RoBERTa's setting, a part for the others.
                if not options or source in PART:
                    digests["data/" + source] = digest(tokenizer, lines)
        settings.append({
            "name": name, "tokenizer": json.dumps(document, ensure_ascii=False),
            "pairs": [record_pair(tokenizer, *pair) for pair in PAIRS], "digests": digests})
    default = default_tokenizer(merges)
    recording = {
        "made by": f"Scripts/record_bpe.py, tokenizers {tokenizers.__version__}",
        "texts": texts,
        "default": [recorded(text, default.encode(text)) for text in texts],
        "tokens": [recorded(text, make(merges, tokens=True).encode(text)) for text in texts],
        "settings": settings}
    members = [
        f" {json.dumps(key)}: {json.dumps(value, separators=(',', ':'), ensure_ascii=False)}"
        for key, value in recording.items()
    ]
    OUTPUT.write_text("{\n" + ",\n".join(members) + "\n}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
