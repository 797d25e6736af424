#!/usr/bin/env python3
"""Brings data sets into the form in which Jain & Wallace's models read them: words and punctuation
apart, in lower case, digits as "qqq".

    python3 Examples/attention-debate/prepare.py DATA OUTPUT

DATA is the folder of the data sets (../shared/data). OUTPUT gets imdb, agnews (World and Business),
agnews-4 (all classes) and snli, each with train.jsonl and, where there are any, dev.jsonl and
test.jsonl. Of SNLI the train file is missing here: the development set stands in for it.
"""

import csv
import json
import pathlib
import re
import sys

WORD = re.compile(r"\w+|[^\w\s]")
DIGITS = re.compile(r"\d+")
AGNEWS = {"1": "World", "2": "Sports", "3": "Business", "4": "Sci/Tech"}


def words(text, digits=True):
    text = text.lower()
    if digits:
        text = DIGITS.sub("qqq", text)
    return " ".join(WORD.findall(text))


def rows(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def write(folder, name, rows):
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.jsonl", "w", encoding="utf-8") as file:
        for row in rows:
            if row["text"]:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


def agnews(path, has_header):
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        if has_header:
            next(reader)
        return [{"text": words(row[2]), "label": AGNEWS[row[0]]} for row in reader]


def main():
    data, output = map(pathlib.Path, sys.argv[1:3])
    for name in ("train", "dev", "test"):
        write(
            output / "imdb",
            name,
            [
                {"text": words(row["text"], digits=False), "label": row["label"]}
                for row in rows(data / "imdb-small" / f"{name}.jsonl")
            ],
        )
    for name, has_header in (("train", True), ("test", False)):
        all_rows = agnews(data / "agnews" / f"{name}.csv", has_header)
        write(output / "agnews-4", name, all_rows)
        write(
            output / "agnews",
            name,
            [row for row in all_rows if row["label"] in ("World", "Business")],
        )
    for name, source in (("train", "dev"), ("test", "test")):
        write(
            output / "snli",
            name,
            [
                {
                    "text": words(row["text"]),
                    "query": words(row["query"]),
                    "label": row["label"],
                }
                for row in rows(data / "snli-dev-test" / f"{source}.jsonl")
            ],
        )


if __name__ == "__main__":
    main()
