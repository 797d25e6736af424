"""PyTorch: tokens a second in training a classifier, as the FRESH peer's `fit` does it.

usage: train_pytorch.py --encoder DIR --input ROWS.jsonl [--batch-size 32] [--threads 2]
                        [--precision fp32|bf16] [--variant NAME]

Length-sorted batches within chunks, dynamic padding, dropout, gradient clipping, AdamW with a
warm-up; bf16 is autocast. One pass over the rows, after a few batches that are not measured.
Without --variant, trains on a few batches with each variant and prints a line for each: both forms
of attention, and AdamW with and without one fused kernel.
"""

import argparse
import itertools
import random

import torch
from transformers import AutoModelForSequenceClassification, get_linear_schedule_with_warmup

import documents

VARIANTS = {
    f"{attention} attention, {'fused ' if fused else ''}AdamW": (attention, fused)
    for attention, fused in itertools.product(["eager", "sdpa"], [False, True])
}


def batches(rows, size):
    """Ids, mask and labels of each batch, in the order in which the peer's `fit` takes them."""
    order = list(range(len(rows)))
    generator = random.Random(0)
    generator.shuffle(order)
    chunks = [
        sorted(order[i : i + 50 * size], key=lambda row: len(rows[row][0]))
        for i in range(0, len(order), 50 * size)
    ]
    parts = [chunk[i : i + size] for chunk in chunks for i in range(0, len(chunk), size)]
    generator.shuffle(parts)
    for part in parts:
        ids, mask = documents.padded([rows[row][0] for row in part])
        labels = [rows[row][1] for row in part]
        yield torch.from_numpy(ids), torch.from_numpy(mask), torch.tensor(labels)


def measure(arguments, rows, labels, variant, limit):
    attention, fused = VARIANTS[variant]
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(
        arguments.encoder, num_labels=labels, attn_implementation=attention
    ).train()
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=5e-5, weight_decay=0.01, fused=fused or None
    )
    work = list(batches(rows, arguments.batch_size))[:limit]
    schedule = get_linear_schedule_with_warmup(optimizer, int(0.06 * len(work)), len(work))

    def step(ids, mask, labels):
        with torch.autocast("cpu", torch.bfloat16, enabled=arguments.precision == "bf16"):
            loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()

    def train():
        for batch in work:
            step(*batch)
            schedule.step()

    for batch in work[:2]:
        step(*batch)
    seconds = documents.seconds(train)
    tokens = sum(int(mask.sum()) for _, mask, _ in work)
    return {"variant": variant, "tokens": tokens, "tokens_per_second": tokens / seconds}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--input", required=True)
    parser.add_argument("--precision", default="fp32", choices=["fp32", "bf16"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--maximum-length", type=int, default=512)
    parser.add_argument("--variant", choices=VARIANTS)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    texts = documents.rows(arguments.input)
    names = sorted({row["label"] for row in texts})
    ids = documents.token_ids(
        arguments.encoder, [row["text"] for row in texts], arguments.maximum_length
    )
    rows = [(ids, names.index(row["label"])) for ids, row in zip(ids, texts)]
    # Choosing takes a sixth of the batches, and two at least.
    few = max(2, len(rows) // arguments.batch_size // 6)
    for variant in [arguments.variant] if arguments.variant else VARIANTS:
        limit = None if arguments.variant else few
        documents.report(**measure(arguments, rows, len(names), variant, limit))


main()
