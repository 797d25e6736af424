"""PyTorch and transformers: one text's label and rationale from a folder that `warrant train` made.

usage: classify_pytorch.py MODEL TEXT

The same steps as `warrant classify`: the support model's [CLS] attention in its last layer, mean
over heads, word pieces summed to words; the best ⌈ratio · words⌉ words in their order; the
classifier on these words alone. The whole process is measured, imports included.
"""

import argparse
import json
import math
import pathlib

import torch
from transformers import BertForSequenceClassification, BertTokenizerFast

parser = argparse.ArgumentParser()
parser.add_argument("model", type=pathlib.Path)
parser.add_argument("text")
parser.add_argument("--threads", type=int, default=2)
arguments = parser.parse_args()
torch.set_num_threads(arguments.threads)

recipe = json.loads((arguments.model / "warrant.json").read_text("utf-8"))


def load(stage, **options):
    folder = arguments.model / stage
    model = BertForSequenceClassification.from_pretrained(folder, **options).eval()
    return BertTokenizerFast.from_pretrained(folder), model


def tokenize(tokenizer, words):
    return tokenizer(
        words,
        is_split_into_words=True,
        truncation=True,
        max_length=recipe["maximum_length"],
        return_tensors="pt",
    )


with torch.inference_mode():
    words = arguments.text.split()
    tokenizer, support = load("support", attn_implementation="eager")
    pieces = tokenize(tokenizer, words)
    attention = support(**pieces, output_attentions=True).attentions[-1][0, :, 0].mean(0)
    scores = [0.0] * len(words)
    for piece, word in enumerate(pieces.word_ids()):
        if word is not None:
            scores[word] += attention[piece].item()
    best = sorted(range(len(words)), key=lambda word: -scores[word])
    rationale = [words[i] for i in sorted(best[: math.ceil(recipe["ratio"] * len(words))])]

    tokenizer, classifier = load("classifier")
    probabilities = classifier(**tokenize(tokenizer, rationale)).logits[0].softmax(-1)

label = recipe["labels"][int(probabilities.argmax())]
print(json.dumps({"label": label, "classifier_input": " ".join(rationale)}))
