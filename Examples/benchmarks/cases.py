"""The cases: which documents, which processes on either side, and what is compared."""

import json
import sys

from diagnose import DiagnoseCases
from measure import run
from sides import LATENCY, MEMORY, PEERS, TOKENS, WALL, Case, Side, environment


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
            *DiagnoseCases(self.warrant, self.encoder, self.corpora, self.work).all(),
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


def test_scores(model):
    """Macro-F1 on the test set from a model's training record, under the peer's names."""
    training = json.loads((model / "warrant.json").read_text("utf-8"))["training"]
    return {
        f"{stage}_f1": round(training[stage]["test"]["macro_f1"], 4)
        for stage in ("support", "classifier")
    }
