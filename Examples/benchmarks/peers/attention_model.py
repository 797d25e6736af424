"""A BiLSTM with additive attention over its states (Jain & Wallace 2019), and its texts."""

import collections
import math

import numpy
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import documents

PADDING, UNKNOWN, START, END = range(4)


class Texts:
    """A set's texts as ids between start and end, and their classes."""

    def __init__(self, rows, vocabulary, classes, arguments):
        words = [row["text"].lower().split() for row in rows]
        longest = max(map(len, words)) if arguments.drop_longest else math.inf
        kept = [
            index
            for index, text in enumerate(words)
            if arguments.minimum_words <= len(text) and len(text) != longest
        ]
        self.ids = [
            [START, *(vocabulary.get(word, UNKNOWN) for word in words[index]), END]
            for index in kept
        ]
        self.labels = torch.tensor([float(classes.index(rows[i]["label"])) for i in kept])

    def __len__(self):
        return len(self.ids)

    def by_length(self):
        """The numbers of the texts, from the longest to the shortest."""
        return sorted(range(len(self)), key=lambda text: -len(self.ids[text]))

    def batch(self, numbers):
        """Ids and lengths of texts that are sorted by length, the longest first."""
        lengths = torch.tensor([len(self.ids[text]) for text in numbers])
        ids = numpy.zeros((len(numbers), int(lengths[0])), numpy.int64)
        for row, text in zip(ids, numbers):
            row[: len(self.ids[text])] = self.ids[text]
        return torch.from_numpy(ids), lengths


def vocabulary_of(rows, minimum):
    """Words in enough of the texts, in the order of their bytes, from id 4 on."""
    count = collections.Counter(w for row in rows for w in set(row["text"].lower().split()))
    known = sorted(word for word, texts in count.items() if texts >= minimum)
    return {word: index for index, word in enumerate(known, 4)}


class Classifier(nn.Module):
    """The names of its parameters are those of the file."""

    def __init__(self, words, width=300, hidden=128):
        super().__init__()
        self.encoder = nn.ModuleDict(
            {
                "embedding": nn.Embedding(words, width, padding_idx=PADDING),
                "rnn": nn.LSTM(width, hidden, batch_first=True, bidirectional=True),
            }
        )
        self.attention = nn.ModuleDict(
            {"key": nn.Linear(2 * hidden, hidden), "score": nn.Linear(hidden, 1, bias=False)}
        )
        self.output = nn.Linear(2 * hidden, 1)

    def states(self, embedded, packed=None):
        """States [texts, positions, 2H] of embeddings of texts of one length, or packed ones."""
        if packed is None:
            return self.encoder["rnn"](embedded)[0]
        return pad_packed_sequence(
            self.encoder["rnn"](packed._replace(data=embedded))[0], batch_first=True
        )[0]

    def weights(self, states, lengths=None):
        """Attention [texts, positions]: 0 at start, end, and what follows."""
        scores = self.attention["score"](torch.tanh(self.attention["key"](states))).squeeze(-1)
        places = torch.arange(scores.shape[1])
        ends = scores.shape[1] if lengths is None else lengths[:, None]
        no_word = (places == 0) | (places >= ends - 1)
        return scores.masked_fill(no_word, -math.inf).softmax(-1)

    def logits(self, states, weights):
        context = torch.bmm(weights.unsqueeze(1), states).squeeze(1)
        return self.output(context).squeeze(-1)

    def forward(self, ids, lengths):
        """Logits of texts of several lengths; only words are embedded, and not padding."""
        packed = pack_padded_sequence(ids, lengths, batch_first=True)
        states = self.states(self.encoder["embedding"](packed.data), packed)
        return self.logits(states, self.weights(states, lengths))


class Data:
    """What is read before the clock starts."""

    def __init__(self, arguments):
        rows, test = documents.rows(arguments.train), documents.rows(arguments.test)
        classes = sorted({row["label"] for row in rows})
        vocabulary = vocabulary_of(rows, arguments.minimum_documents)
        self.words = len(vocabulary) + 4
        self.train = Texts(rows, vocabulary, classes, arguments)
        self.test = Texts(test, vocabulary, classes, arguments)
        if arguments.weights:
            tensors = load_file(arguments.weights)
            width = tensors["encoder.embedding.weight"].shape[1]
            self.model = Classifier(self.words, width, len(tensors["attention.key.bias"]))
            # What the file says besides is of the training.
            for fact in ("embedding_size", "epoch"):
                tensors.pop(fact, None)
            self.model.load_state_dict(tensors)
            self.model.eval().requires_grad_(False)
