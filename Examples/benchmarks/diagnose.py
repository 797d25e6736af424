"""The cases of `warrant diagnose`: a BiLSTM with attention, trained and tested as by Jain & Wallace
(2019)."""

import dataclasses
import functools
import shutil
import sys

from measure import run
from sides import EPOCH, PEERS, WORK, Case, Side, environment

# Of the diagnostics that train a model the one that takes least besides.
CHEAPEST = ["--permutations", 1]
# What the command's summary calls the three agreements of rankings.
PAIRS = ("attention_gradient", "attention_leave_one_out", "gradient_leave_one_out")


@dataclasses.dataclass
class EpochSide(Side):
    """`warrant diagnose` with few and with more epochs; the difference is what an epoch takes.

    Each run trains anew, and both do the same besides: reading rows, and measuring the test set.
    """

    few: int = 2
    more: int = 6

    def measured(self):
        results = []
        for epochs in (self.few, self.more):
            self.prepare()
            results.append(run([*self.command, "--epochs", epochs], self.environment)[-1])
        few, more = (result["wall_seconds"] for result in results)
        accuracy = round(results[-1]["test"]["accuracy"], 4)
        seconds = (more - few) / (self.more - self.few)
        return {EPOCH[0]: seconds, "test_accuracy": accuracy}


class DiagnoseCases:
    """Its cases, for one set of tools and folders."""

    def __init__(self, warrant, encoder, corpora, work):
        self.warrant, self.encoder = warrant, encoder
        self.corpora, self.work = corpora, work

    def all(self):
        return [
            self.epoch("sst", self.sst, few=2, more=6),
            self.epoch("agnews", self.agnews, few=2, more=4),
            self.correlation(),
            self.adversary(),
        ]

    # Inputs: the files of each set, and options that both sides take.

    def sst(self):
        splits = ("train", "dev", "test")
        files = [self.corpora.file("sst-jain-wallace", f"{split}.jsonl") for split in splits]
        return files, ["--minimum-words", 6, "--drop-longest"]

    def agnews(self):
        train, dev = self.corpora.held_out(self.corpora.agnews("train"), 0.15)
        sets = {"train": train, "dev": dev, "test": self.corpora.agnews("test")}
        files = [self.corpora.write(f"agnews-{name}", rows) for name, rows in sets.items()]
        return files, ["--minimum-documents", 5]

    @functools.cached_property
    def model(self):
        """The folder of stages with a model of SST in it, and the options of its word vectors, which
        are means of the encoder's word pieces. Trained once."""
        stages, vectors = self.work / "diagnose-stages", ["--embeddings", self.encoder]
        shutil.rmtree(stages, ignore_errors=True)
        run(self.command("permutation", *self.sst(), stages, [*vectors, *CHEAPEST]))
        return stages, vectors

    # Sides

    def command(self, diagnostic, files, options, stages, more=()):
        output = self.work / f"diagnose-{diagnostic}"
        command = [self.warrant, "diagnose", diagnostic, "--json", "--threads", 2]
        command += ["--output", output, "--stages", stages, *options, *more]
        for name, file in zip(("--train", "--dev", "--test"), files):
            command += [name, file]
        return command

    def peer(self, mode, files, options, more=()):
        command = [sys.executable, PEERS / "attention_pytorch.py", mode, "--threads", 2]
        command += ["--train", files[0], "--test", files[2], *options, *more]
        return Side("PyTorch", command, environment(2), variants=True)

    # Cases

    def epoch(self, corpus, read, few, more):
        name = f"diagnose-epoch-{corpus}"

        def sides():
            files, options = read()
            stages = self.work / "diagnose-epoch-stages"
            own = EpochSide(
                "warrant",
                self.command("permutation", files, options, stages, CHEAPEST),
                prepare=lambda: shutil.rmtree(stages, ignore_errors=True),
                few=few,
                more=more,
            )
            # Its first pass warms up.
            peer = self.peer("train", files, options, ["--epochs", 1 + more - few])
            return [peer], own

        return Case(name, sides, {name: EPOCH}, notes=("test_accuracy",))

    def test(self, diagnostic, values, same):
        """A test of the same trained model on both sides."""
        name = f"diagnose-{diagnostic}"

        def sides():
            files, options = self.sst()
            stages, vectors = self.model
            (weights,) = stages.glob("attention-model-*/attention-model.safetensors")

            def forget():
                # Findings are kept beside the model's folder; the next run would read them.
                for findings in stages.glob("*.json"):
                    findings.unlink()

            own = Side(
                "warrant",
                self.command(diagnostic, files, options, stages, vectors),
                prepare=forget,
                finish=lambda result: {WORK[0]: result["wall_seconds"]} | values(result),
            )
            return [self.peer(diagnostic, files, options, ["--weights", weights])], own

        return Case(name, sides, {name: WORK}, notes=("texts", *same), same={"texts": 0} | same)

    def correlation(self):
        def values(result):
            texts = {"texts": result[PAIRS[0]]["overall"]["n"]}
            return texts | {pair: result[pair]["overall"]["mean"] for pair in PAIRS}

        # Where a prediction hardly changes, rounding decides the order of words: of a model that is
        # sure of all texts up to .0004, of SST's .000003.
        return self.test("correlation", values, dict.fromkeys(PAIRS, 1e-3))

    def adversary(self):
        def values(result):
            found = result["epsilon_max_jsd"]["overall"]
            return {"texts": found["n"], "epsilon_max_jsd": found["mean"]}

        # Each side draws its own start: over SST's test texts the mean varies by about .0015.
        return self.test("adversary", values, {"epsilon_max_jsd": 0.01})
