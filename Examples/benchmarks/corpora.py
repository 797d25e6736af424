"""The rows that both sides read, as JSON lines of {"text", "label"} in the work folder.

Both sides get the same file, so that neither chooses its own documents. The originals are read
where they lie and stay there.
"""

import csv
import json
import random
import re


class Absent(Exception):
    """A data set is not on this machine."""


class Corpora:
    def __init__(self, data, encoder, work):
        self.data, self.encoder, self.work = data, encoder, work

    def file(self, folder, name):
        path = self.data / folder / name
        if not path.exists():
            raise Absent(f"{folder}/{name} is not in the data folder")
        return path

    def sst(self, split, limit=None):
        """Rows of the binary Stanford Sentiment Treebank."""
        with open(self.file("sst", f"{split}.tsv"), encoding="utf-8", newline="") as file:
            lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            next(lines)
            return [row(text, label) for text, label in lines][:limit]

    def movies(self, split, limit=None):
        """Documents of ERASER's Movies: their own words, and no query."""
        documents = []
        with open(self.file("movies", f"{split}.jsonl"), encoding="utf-8") as file:
            for line in file:
                if len(documents) == limit:
                    break
                annotation = json.loads(line)
                text = self.file("movies/docs", annotation["annotation_id"]).read_text("utf-8")
                documents.append(row(" ".join(text.split()), annotation["classification"]))
        return documents

    def agnews(self, split):
        """Descriptions of AG News of the classes World and Business, as Jain & Wallace read them:
        in lower case, digits as "qqq". Words and punctuation stand apart."""
        rows = []
        with open(self.file("agnews", f"{split}.csv"), encoding="utf-8", newline="") as file:
            for fields in csv.reader(file):
                # The training file has a header, and a fourth column.
                label, _, description = fields[:3]
                if label in ("1", "3"):
                    text = re.sub(r"\d+", "qqq", description.lower())
                    words = re.findall(r"\w+|[^\w\s]", text)
                    if words:
                        rows.append(row(" ".join(words), "World" if label == "1" else "Business"))
        return rows

    def held_out(self, rows, share):
        """The same rows in two parts; the second is this share of them, drawn at random."""
        rows = list(rows)
        random.Random(0).shuffle(rows)
        kept = len(rows) - round(share * len(rows))
        return rows[:kept], rows[kept:]

    def synthetic(self, documents, tokens):
        """Documents of exactly `tokens` tokens: random words that are one word piece each."""
        generator = random.Random(0)
        with open(self.encoder / "vocab.txt", encoding="utf-8") as file:
            words = [w for w in file.read().split("\n") if w.isascii() and w.islower()]
        words = [w for w in words if w.isalpha()]
        # [CLS] and [SEP] count.
        texts = [" ".join(generator.choices(words, k=tokens - 2)) for _ in range(documents)]
        return [row(text, index % 2) for index, text in enumerate(texts)]

    def parts(self, rows, words):
        """The same texts in parts of at most so many words."""
        for whole in rows:
            split = whole["text"].split()
            for start in range(0, len(split), words):
                yield dict(whole, text=" ".join(split[start : start + words]))

    def write(self, name, rows):
        """The path of a file with these rows."""
        path = self.work / f"{name}.jsonl"
        rows = list(rows)
        # ERASER lists one class first; a subset without the other would be no task to train.
        if len({row["label"] for row in rows}) < 2:
            rows = [dict(row, label=str(index % 2)) for index, row in enumerate(rows)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path


def row(text, label):
    return {"text": text, "label": str(label)}
