#!/usr/bin/env python3
"""Checks a model folder against Hugging Face transformers, stage by stage.

Each stage must load unchanged. For every row of `warrant classify --certificates --precision fp32`, the support
model's [CLS] attention must select the same words, and the classifier must give the same logits
from the selected words.

usage: compare_transformers.py MODEL ANSWERS.jsonl SOURCE.jsonl
Needs torch and transformers. Exit status 1 where something differs.
"""
import json
import math
import sys

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

folder, answers, source = sys.argv[1:4]
manifest = json.load(open(f"{folder}/warrant.json"))
limit, ratio = manifest["maximum_length"], manifest["ratio"]
classifier_limit = manifest.get("classifier_window", manifest)["maximum_length"]


def load(stage):
    model, report = AutoModelForSequenceClassification.from_pretrained(
        f"{folder}/{stage}", attn_implementation="eager", output_loading_info=True,
        dtype=torch.float32)
    assert not report["missing_keys"] and not report["unexpected_keys"], report
    return AutoTokenizer.from_pretrained(f"{folder}/{stage}"), model.eval()


support_tokenizer, support = load("support")
classifier_tokenizer, classifier = load("classifier")
rows = other_words = 0
largest = 0.0
with torch.inference_mode():
    for line, original in zip(open(answers), open(source)):
        answer, text = json.loads(line), json.loads(original)["text"]
        if answer["label"] is None:
            continue
        rows += 1
        certificate = answer["certificate"]
        words = text.split()
        encoded = support_tokenizer(
            words, is_split_into_words=True, truncation=True, max_length=limit,
            return_tensors="pt")
        attention = support(**encoded, output_attentions=True).attentions[-1][0, :, 0].mean(0)
        scores = [0.0] * len(words)
        for piece, word in enumerate(encoded.word_ids(0)):
            if word is not None:
                scores[word] += attention[piece].item()
        count = math.ceil(ratio * len(words) - 1e-9)
        if manifest["thresholder"] == "top-k":
            kept = sorted(sorted(range(len(words)), key=lambda i: -scores[i])[:count])
            expected = [words[i] for i in kept]
            if expected != certificate["words"]:
                other_words += 1
                print(f"{answer['id']}: {certificate['words']}, transformers: {expected}")
        logits = classifier(
            **classifier_tokenizer(
                answer["classifier_input"], truncation=True, max_length=classifier_limit,
                return_tensors="pt")).logits[0].tolist()
        largest = max(largest, *(abs(a - b) for a, b in zip(logits, certificate["logits"])))
print(f"{rows} rows: {other_words} with other words, logits at most {largest:.2g} apart")
sys.exit(other_words > rows // 200 or largest > 1e-3)
