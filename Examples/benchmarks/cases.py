"""The cases: which documents, which processes on either side, and what is compared."""

import dataclasses
import json
import pathlib
import sys

from corpora import Absent
from measure import run

PEERS = pathlib.Path(__file__).parent / "peers"

# What is compared: key of a result, unit in the table, whether more is better.
TOKENS = ("tokens_per_second", "tokens/s", True)
LATENCY = ("milliseconds_per_document", "ms", False)
WALL = ("wall_seconds", "s", False)
MEMORY = ("resident_megabytes", "MB", False)


@dataclasses.dataclass
class Side:
    """One side of a comparison: a process that can be started again and again."""

    name: str
    command: list
    environment: dict = dataclasses.field(default_factory=dict)
    # What the peer can vary; chosen by one trial of each before the measurements.
    variants: bool = False
    # Turns the process's result, and what it left behind, into further values.
    finish: object = None
    # What the process must have computed with, if it says.
    precision: str | None = None

    def chosen(self):
        """This side with its fastest variant, and what was tried."""
        if not self.variants:
            return self, []
        tried = run(self.command, self.environment)
        key, _, more = TOKENS if "tokens_per_second" in tried[0] else LATENCY
        best = (max if more else min)(tried, key=lambda result: result[key])["variant"]
        side = dataclasses.replace(
            self,
            name=f"{self.name} ({best})",
            command=self.command + ["--variant", best],
            variants=False,
        )
        return side, [(result["variant"], result[key]) for result in tried]

    def measured(self):
        result = run(self.command, self.environment)[-1]
        if result.get("precision") not in (None, self.precision):
            raise Absent(f"this CPU has no fast {self.precision} products")
        return result | self.finish(result) if self.finish else result


@dataclasses.dataclass
class Case:
    name: str
    # A function that makes the inputs and returns the peers' sides and warrant's.
    sides: object
    # Row name: what is compared in it.
    rows: dict
    # Values that are shown below the table and not compared.
    notes: tuple = ()


class Cases:
    """All cases, for one set of tools and folders."""

    def __init__(self, warrant, encoder, corpora, peer_script, work):
        self.warrant, self.encoder = warrant, encoder
        self.corpora, self.peer_script, self.work = corpora, peer_script, work

    def all(self):
        def both(case, *arguments, **options):
            return [case(*arguments, precision, **options) for precision in ("fp32", "bf16")]

        return [
            *both(self.train, "sst", self.sst, memory=True),
            self.train("movies", self.movies, "fp32", batch=8),
            self.train("bert-base", self.short, "fp32", batch=16, encoder=self.bert_base),
            *both(self.fresh),
            *both(self.encode, "mixed", self.mixed),
            *both(self.encode, "rectangular", self.rectangular),
            self.latency(),
            self.cold_start(),
            self.flow(),
            self.tokenize("sst", self.corpora.sst),
            self.tokenize("movies", self.corpora.movies),
            *both(self.scaling, "train", self.sst),
            *both(self.scaling, "encode", self.mixed),
        ]

    # Inputs

    def sst(self):
        return self.corpora.sst("train", 2000)

    def movies(self):
        return self.corpora.movies("train", 64)

    def short(self):
        return self.corpora.synthetic(64, tokens=128)

    def rectangular(self):
        return self.corpora.synthetic(320, tokens=128)

    def mixed(self):
        return self.corpora.sst("test", 600) + self.corpora.movies("test", 60)

    def bert_base(self):
        """A random encoder of BERT-base's shape, made once."""
        folder = self.work / "bert-base"
        self.make(folder, "make_encoder.py", self.encoder, folder)
        return folder

    def onnx(self):
        """The encoder as ONNX files, exported once."""
        folder = self.work / "onnx"
        self.make(folder, "export_onnx.py", self.encoder, folder)
        return folder

    def make(self, folder, script, *arguments):
        """Runs a script that fills `folder`, unless an earlier run came to its end."""
        if not (folder / "complete").exists():
            run([sys.executable, PEERS / script, *arguments], environment(2))
            (folder / "complete").touch()

    def small_model(self, name, *options):
        """What `warrant train` makes of 200 sentences: to be loaded, and no good otherwise."""
        rows = self.corpora.write(f"{name}-train", self.corpora.sst("train", 200))
        model = self.work / f"{name}-model"
        command = [self.warrant, "train", "--encoder", self.encoder, "--train", rows, *options]
        run([*command, "--output", model, "--overwrite", "--epochs", 1, "--threads", 2])
        return model

    # Sides

    def peer(self, name, script, *arguments, threads=2, **options):
        command = [sys.executable, PEERS / script, *arguments]
        return Side(name, command, environment(threads), **options)

    def bench(self, workload, file, precision, threads=2, batch=32, encoder=None, repetitions=1):
        """`warrant bench` for one case; it warms up before its first repetition."""
        command = [self.warrant, "bench", "--json", "--workload", workload]
        command += ["--encoder", encoder or self.encoder, "--input", file, "--max-length", 512]
        command += ["--precision", precision, "--threads", threads]
        command += ["--batch-size", batch, "--repetitions", repetitions]
        return Side("warrant", command, precision=precision)

    # Cases

    def train(self, corpus, rows, precision, batch=32, encoder=None, memory=False):
        name = f"train-{corpus}-{precision}"

        def sides():
            file = self.corpora.write(f"train-{corpus}", rows())
            folder = encoder() if encoder else self.encoder
            options = ["--encoder", folder, "--input", file, "--precision", precision]
            options += ["--batch-size", batch, "--threads", 2]
            peer = self.peer("PyTorch", "train_pytorch.py", *options, variants=True)
            return [peer], self.bench("train", file, precision, batch=batch, encoder=folder)

        return Case(name, sides, {name: TOKENS} | ({f"memory-{name}": MEMORY} if memory else {}))

    def fresh(self, precision):
        name = f"fresh-sst-{precision}"

        def sides():
            files = [self.corpora.file("sst", f"{split}.tsv") for split in ("train", "dev", "test")]
            recipe = ["--epochs", 1, "--threads", 2, "--seed", 0]
            script = [sys.executable, self.peer_script, self.encoder, *files, *recipe]
            script += ["--bf16"] if precision == "bf16" else []
            output = self.work / name
            command = [self.warrant, "train", "--encoder", self.encoder, "--output", output]
            command += ["--overwrite", "--precision", precision, *recipe]
            for split, file in zip(("--train", "--dev", "--test"), files):
                command += [split, file]
            peer = Side("PyTorch", script, environment(2))
            return [peer], Side("warrant", command, finish=lambda _: test_scores(output))

        return Case(name, sides, {name: WALL}, notes=("support_f1", "classifier_f1"))

    def encode(self, corpus, rows, precision):
        name = f"encode-{corpus}-{precision}"
        # ONNX Runtime has no bf16 products on x86.
        runtimes = {"OpenVINO": "openvino"}
        runtimes |= {"ONNX Runtime": "onnxruntime"} if precision == "fp32" else {}

        def sides():
            file = self.corpora.write(f"encode-{corpus}", rows())
            options = ["--encoder", self.encoder, "--onnx", self.onnx(), "--input", file]
            options += ["--task", corpus, "--precision", precision, "--threads", 2]
            peers = [
                self.peer(title, "encode.py", runtime, *options, variants=True)
                for title, runtime in runtimes.items()
            ]
            return peers, self.bench("encode", file, precision)

        return Case(name, sides, {name: TOKENS})

    def latency(self):
        def sides():
            file = self.corpora.write("latency", self.corpora.sst("test", 20))
            options = ["--encoder", self.encoder, "--onnx", self.onnx(), "--input", file]
            options += ["--task", "latency", "--threads", 1]
            peers = [
                self.peer(title, "encode.py", runtime, *options, threads=1, variants=True)
                for title, runtime in (("OpenVINO", "openvino"), ("ONNX Runtime", "onnxruntime"))
            ]
            return peers, self.bench("latency", file, "fp32", threads=1, batch=1, repetitions=5)

        return Case("latency-fp32", sides, {"latency-fp32": LATENCY})

    def cold_start(self):
        def sides():
            text = self.corpora.sst("test", 1)[0]["text"]
            model = self.small_model("cold-start")
            peer = self.peer("PyTorch", "classify_pytorch.py", model, text)
            return [peer], Side("warrant", [self.warrant, "classify", "--model", model, text])

        return Case(
            "cold-start",
            sides,
            {"cold-start": WALL, "memory-cold-start": MEMORY},
            notes=("label", "classifier_input"),
        )

    def flow(self):
        def sides():
            rows, copies = self.corpora.synthetic(1, tokens=64), 200
            file = self.corpora.write("attention-flow", rows * copies)
            output = self.work / "attention-flow-output.jsonl"
            model = self.small_model("attention-flow", "--scorer", "attention-flow")
            options = [model, rows[0]["text"]]
            peer = self.peer("networkx", "flow_networkx.py", *options, threads=1, variants=True)
            command = [self.warrant, "extract", "--model", model, "--threads", 1]
            command += ["--input", file, "--output", output]

            def per_document(result):
                return {LATENCY[0]: result["wall_seconds"] * 1000 / copies}

            return [peer], Side("warrant", command, finish=per_document)

        return Case("attention-flow", sides, {"attention-flow": LATENCY})

    def tokenize(self, corpus, read):
        def sides():
            # So short that neither side cuts anything off, and both read every word.
            rows = self.corpora.parts(read("train"), words=256)
            file = self.corpora.write(f"tokenize-{corpus}", rows)
            options = ["--encoder", self.encoder, "--input", file]
            peer = self.peer("tokenizers", "tokenize_rust.py", *options, threads=1)
            return [peer], self.bench("tokenize", file, "fp32", threads=1)

        return Case(f"tokenize-{corpus}", sides, {f"tokenize-{corpus}": TOKENS})

    def scaling(self, workload, rows, precision):
        name = f"scaling-{workload}-{precision}"

        def sides():
            file = self.corpora.write(name, rows())
            one = self.bench(workload, file, precision, threads=1)
            one.name = "warrant, 1 thread"
            return [one], self.bench(workload, file, precision, threads=2)

        return Case(name, sides, {name: TOKENS})


def environment(threads):
    """Environment of a Python peer: its thread pools, no network, no progress bars."""
    return {
        "OMP_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
        "RAYON_NUM_THREADS": str(threads),
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "TRANSFORMERS_VERBOSITY": "error",
    }


def test_scores(model):
    """Macro-F1 on the test set from a model's training record, under the peer's names."""
    training = json.loads((model / "warrant.json").read_text("utf-8"))["training"]
    return {
        f"{stage}_f1": round(training[stage]["test"]["macro_f1"], 4)
        for stage in ("support", "classifier")
    }
