"""Writes a BERT encoder of BERT-base's shape with random weights: 12 layers, 768 wide.

usage: make_encoder.py ENCODER-WHOSE-VOCABULARY-IT-TAKES OUTPUT-FOLDER
"""

import pathlib
import shutil
import sys

import torch
from transformers import BertConfig, BertModel

source, output = map(pathlib.Path, sys.argv[1:])
torch.manual_seed(0)
# BertConfig's defaults are BERT-base's.
BertModel(BertConfig()).save_pretrained(output)
for name in ("vocab.txt", "tokenizer.json", "tokenizer_config.json"):
    shutil.copyfile(source / name, output / name)
