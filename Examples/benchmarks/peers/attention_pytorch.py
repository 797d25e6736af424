"""PyTorch: a BiLSTM with additive attention and two of the tests of Jain & Wallace (NAACL 2019).

usage: attention_pytorch.py train       --train ROWS.jsonl --test ROWS.jsonl [--epochs 3]
       attention_pytorch.py correlation --train ROWS.jsonl --test ROWS.jsonl --weights FILE
       attention_pytorch.py adversary   --train ROWS.jsonl --test ROWS.jsonl --weights FILE

All take [--minimum-words N] [--drop-longest] [--minimum-documents N] [--threads 2]
[--variant NAME]. FILE holds what `warrant diagnose` trained, under PyTorch's names. Words stand
between white space; the vocabulary is that of all training rows.

train        Passes over the training rows: batches of 32, Adam with AMSGrad, summed cross-entropy.
             The first pass is not measured, of the others the mean counts. Making the batches is
             measured, predictions of other sets are not.
correlation  Of each test text attention, gradient x input of the probability (attention held
             constant), leave-one-out, and Kendall's tau with its p of the three pairs. All of it
             is measured.
adversary    500 steps of the search for other attention, 5 vectors for each test text, and what it
             found. Computing the states is measured too.

Imports, rows and weights are read before the clock starts, and a few batches are computed. Without
--variant a part of the work is done with each variant, and there is a line for each.
"""

import argparse
import collections
import math
import random
import time

import numpy
import torch
from scipy.stats import kendalltau
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.nn.utils.rnn import pack_padded_sequence

import documents
from attention_model import Classifier, Data

VECTORS, STEPS = 5, 500

# Training

TRAINING = {"packed, Adam": False, "packed, fused Adam": True}


def order_of_epoch(texts, generator, size=32):
    """Batches of about equal lengths, each length blurred by a tenth; the longest text first."""
    lengths = [len(ids) for ids in texts.ids]
    blurred = [n + generator.randrange(-math.ceil(n / 10), math.ceil(n / 10)) for n in lengths]
    order = sorted(range(len(lengths)), key=blurred.__getitem__)
    batches = [order[i : i + size] for i in range(0, len(order), size)]
    generator.shuffle(batches)
    return [sorted(batch, key=lambda text: -lengths[text]) for batch in batches]


def train(arguments, variant, data, share):
    torch.manual_seed(0)
    generator = random.Random(0)
    texts, test = data.train, data.test
    model = Classifier(data.words)
    attention = list(model.attention.parameters())
    rest = [*model.encoder.parameters(), *model.output.parameters()]
    optimizer = torch.optim.Adam(
        [{"params": rest, "weight_decay": 1e-5}, {"params": attention}],
        lr=1e-3,
        amsgrad=True,
        fused=TRAINING[variant] or None,
    )
    # A positive's loss counts as often as there are negatives for each.
    positive = torch.tensor(len(texts) / float(texts.labels.sum()) - 1)

    def epoch():
        batches = order_of_epoch(texts, generator)
        for batch in batches[: math.ceil(share * len(batches))]:
            logits = model(*texts.batch(batch))
            loss = binary_cross_entropy_with_logits(
                logits, texts.labels[batch], pos_weight=positive, reduction="sum"
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    seconds = [documents.seconds(epoch) for _ in range(arguments.epochs)]
    with torch.inference_mode():
        order = test.by_length()
        batches = [order[i : i + 256] for i in range(0, len(order), 256)]
        right = sum(
            int(((model(*test.batch(b)) > 0) == (test.labels[b] > 0.5)).sum()) for b in batches
        )
    measured = seconds[1:] or seconds
    return {
        "seconds_per_epoch": sum(measured) / len(measured),
        "epochs": seconds,
        "texts": len(texts),
        "test_accuracy": round(right / len(test), 4),
    }


# Gradients and leave-one-out. Texts of one length make a rectangle, and nothing is padded.

CORRELATION = {
    f"{'packed' if packed else 'rectangular'} batches of {tokens} tokens": (packed, tokens)
    for packed in (True, False)
    for tokens in (2048, 8192, 32768)
}
PAIRS = {
    "attention_gradient": (0, 1),
    "attention_leave_one_out": (0, 2),
    "gradient_leave_one_out": (1, 2),
}


def rectangles(texts):
    """The ids [texts, length] of all texts of a length, for each length."""
    lengths = collections.defaultdict(list)
    for ids in texts.ids:
        lengths[len(ids)].append(ids)
    return [torch.tensor(lengths[length]) for length in sorted(lengths)]


def correlation(arguments, variant, data, share):
    packs, tokens = CORRELATION[variant]
    model = data.model

    def states(ids, embedded):
        if not packs:
            return model.states(embedded)
        lengths = torch.full((len(ids),), ids.shape[1])
        packed = pack_padded_sequence(embedded, lengths, batch_first=True)
        return model.states(packed.data, packed)

    def portions(ids):
        return ids.split(max(1, tokens // ids.shape[1]))

    def gradients(ids):
        """Each word's attention and gradient x input [texts, words], and the probability."""
        embedded = model.encoder["embedding"](ids).requires_grad_()
        hidden = states(ids, embedded)
        weights = model.weights(hidden).detach()
        probability = model.logits(hidden, weights).double().sigmoid()
        (gradient,) = torch.autograd.grad(probability.sum(), embedded)
        product = (gradient * embedded.detach()).sum(-1).abs()
        return weights[:, 1:-1], product[:, 1:-1], probability.detach()

    @torch.inference_mode()
    def without_each(ids):
        """The probability [texts, words] of each text without each of its words."""
        count, length = ids.shape
        kept = torch.tensor(
            [[place for place in range(length) if place != left] for left in range(1, length - 1)]
        )
        logits = []
        for shorter in portions(ids[:, kept].view(-1, length - 1)):
            hidden = states(shorter, model.encoder["embedding"](shorter))
            logits.append(model.logits(hidden, model.weights(hidden)))
        return torch.cat(logits).double().sigmoid().view(count, length - 2)

    def importance(ids):
        """Attention, gradient x input and leave-one-out of texts of a length."""
        parts = [torch.cat(part) for part in zip(*map(gradients, portions(ids)))]
        weights, products, probability = parts
        changes = (without_each(ids) - probability[:, None]).abs()
        return weights.double().numpy(), products.double().numpy(), changes.numpy()

    def correlations(found):
        """Kendall's tau and its p of each text, for each pair of measures."""
        taus = {pair: [] for pair in PAIRS}
        for group in found:
            for measures in zip(*group):
                for pair, (one, other) in PAIRS.items():
                    taus[pair].append(kendalltau(measures[one], measures[other]))
        return taus

    # A text of one word ranks nothing.
    groups = [ids for ids in rectangles(data.test) if ids.shape[1] > 3]
    # Of each length some, so that a part of the work is a fair sample.
    groups = [ids[: math.ceil(share * len(ids))] for ids in groups]
    correlations([importance(ids) for ids in groups[:: len(groups) // 3 + 1]])
    start = time.perf_counter()
    found = [importance(ids) for ids in groups]
    measured = time.perf_counter()
    taus = correlations(found)
    end = time.perf_counter()
    result = {"seconds": end - start, "ranking_seconds": end - measured}
    for pair, found in taus.items():
        tau, p = numpy.array(found).T
        result[pair] = float(numpy.nanmean(tau))
        result[f"{pair}_significant"] = float((p <= 0.05).mean())
    return result | {"texts": sum(map(len, groups))}


# The search for other attention

ADVERSARY = {f"batches of {texts} texts": texts for texts in (32, 128, 512)}


def negative_entropy(p):
    return (p * (p + 1e-10).log()).sum(-1)


def adversary(arguments, variant, data, share):
    model, texts = data.model, data.test
    # Of K vectors and the model's own weights: which two each divergence compares, and how much it
    # counts: those of a vector and the model's 1, those of two vectors twice 1 / K².
    pairs = [(i, j) for j in range(VECTORS + 1) for i in range(j)]
    halves = torch.zeros(len(pairs), VECTORS + 1)
    for row, (i, j) in enumerate(pairs):
        halves[row, i] = halves[row, j] = 0.5
    is_own = torch.tensor([j == VECTORS for _, j in pairs])
    counts = torch.where(is_own, 1.0, 2 / VECTORS**2)

    def search(numbers, steps=STEPS):
        """The ε-max JSD of each text."""
        ids, lengths = texts.batch(numbers)
        with torch.no_grad():
            packed = pack_padded_sequence(ids, lengths, batch_first=True)
            states = model.states(model.encoder["embedding"](packed.data), packed)
            own = model.weights(states, lengths)[:, None, 1:-1]
            # States do not change: each word's part of the logit is one number.
            parts = model.output(states)[:, None, 1:-1, 0] - model.output.bias
            expected = ((own * parts).sum(-1) + model.output.bias).sigmoid()
            no_word = (torch.arange(own.shape[-1]) >= lengths[:, None] - 2)[:, None]
            mask = torch.zeros(no_word.shape).masked_fill_(no_word, -math.inf)
            z = 3 * torch.randn(len(numbers), VECTORS, own.shape[-1])
        z.requires_grad_()
        optimizer = torch.optim.Adam([z], lr=0.01, amsgrad=True, fused=True)

        def place():
            weights = (z + mask).softmax(-1)
            change = ((weights * parts).sum(-1) + model.output.bias).sigmoid() - expected
            rows = torch.cat([weights, own], 1)
            entropies = negative_entropy(rows) @ halves.T
            return entropies - negative_entropy(halves @ rows), change.abs()

        for _ in range(steps):
            divergences, change = place()
            loss = 500 * (change - 0.01).relu().sum() - (divergences * counts).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            divergences, change = place()
            found = divergences[:, is_own].masked_fill(change > 0.05, 0)
            return found.max(-1).values.clamp_min(0)

    torch.manual_seed(0)
    size = ADVERSARY[variant]
    order = [text for text in texts.by_length() if len(texts.ids[text]) > 3]
    batches = [order[i : i + size] for i in range(0, len(order), size)]
    # Trying a variant takes a part of the steps of each batch.
    steps = math.ceil(share * STEPS)
    search(batches[0], steps=3)
    start = time.perf_counter()
    found = torch.cat([search(batch, steps) for batch in batches])
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "epsilon_max_jsd": float(found.mean()), "texts": len(found)}


MODES = {
    "train": (train, TRAINING),
    "correlation": (correlation, CORRELATION),
    "adversary": (adversary, ADVERSARY),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=MODES)
    parser.add_argument("--train", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--weights")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--minimum-words", type=int, default=1)
    parser.add_argument("--minimum-documents", type=int, default=1)
    parser.add_argument("--drop-longest", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--variant")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    work, variants = MODES[arguments.mode]
    if arguments.variant not in (None, *variants):
        parser.error(f"{arguments.mode} has the variants {', '.join(variants)}")
    if arguments.mode != "train" and not arguments.weights:
        parser.error(f"{arguments.mode} needs --weights")

    data = Data(arguments)
    for variant in [arguments.variant] if arguments.variant else variants:
        # Choosing takes a part of the work.
        share = 1 if arguments.variant else 0.1
        documents.report(variant=variant, **work(arguments, variant, data, share))


main()
