"""tokenizers: tokens a second of `encode_batch` on one thread, texts in memory.

usage: tokenize_rust.py --encoder DIR --input ROWS.jsonl
"""

import argparse

import documents

parser = argparse.ArgumentParser()
parser.add_argument("--encoder", required=True)
parser.add_argument("--input", required=True)
parser.add_argument("--maximum-length", type=int, default=512)
arguments = parser.parse_args()

tokenizer = documents.tokenizer(arguments.encoder)
tokenizer.enable_truncation(arguments.maximum_length)
texts = [row["text"] for row in documents.rows(arguments.input)]
# Also the warm-up.
tokens = sum(len(encoding.ids) for encoding in tokenizer.encode_batch(texts))
seconds = documents.seconds(lambda: tokenizer.encode_batch(texts))
documents.report(tokens=tokens, documents=len(texts), tokens_per_second=tokens / seconds)
