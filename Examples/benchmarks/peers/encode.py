"""ONNX Runtime or OpenVINO: seconds to encode documents that are tokenised beforehand.

usage: encode.py onnxruntime|openvino --task mixed|rectangular|latency --encoder DIR --onnx DIR
                 --input ROWS.jsonl [--precision fp32|bf16] [--threads N] [--variant NAME]

Without --variant, times each variant once and prints its name and seconds a line, for choosing.
A variant is a way of batching and of using the threads; see `variants`.
"""

import argparse
import concurrent.futures
import itertools
import pathlib
import statistics

import documents


class OnnxRuntime:
    """Sessions that share the threads: either one with all of them, or one for each."""

    shapes = ["dynamic"]

    def __init__(self, path, precision, threads, streams, task):
        import onnxruntime

        if precision != "fp32":
            raise SystemExit("ONNX Runtime has no bf16 products on this kind of CPU")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads // streams
        options.inter_op_num_threads = 1
        # The file has been through the BERT optimizer; these are the general optimizations.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        fused = path.with_name(f"fused-{path.name}")
        self.sessions = [
            onnxruntime.InferenceSession(str(fused), options, providers=["CPUExecutionProvider"])
            for _ in range(streams)
        ]
        self.names = [i.name for i in self.sessions[0].get_inputs()]

    def prepare(self, batches):
        return [dict(zip(self.names, batch)) for batch in batches]

    def run(self, feeds):
        """Each session takes the next batch as soon as it is free; `run` releases Python's lock."""
        waiting = iter(feeds)

        def work(session):
            for feed in waiting:
                session.run(None, feed)

        if len(self.sessions) == 1:
            return work(self.sessions[0])
        with concurrent.futures.ThreadPoolExecutor(len(self.sessions)) as pool:
            list(pool.map(work, self.sessions))

    def run_one(self, feed):
        self.sessions[0].run(None, feed)


class OpenVINO:
    """One compiled model with one or more streams, or one for each shape that comes."""

    shapes = ["dynamic", "static"]

    def __init__(self, path, precision, threads, streams, task):
        import openvino

        self.core = openvino.Core()
        self.queue_type = openvino.AsyncInferQueue
        self.streams = streams
        self.path = path
        self.options = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": streams,
            "PERFORMANCE_HINT": "LATENCY" if task == "latency" else "THROUGHPUT",
            # Said always: left out, OpenVINO takes bf16 where the CPU has it.
            "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[precision],
        }
        self.compiled = {}

    def model(self, shape):
        """The model compiled for one shape of its inputs; None stands for any."""
        if shape not in self.compiled:
            model = self.core.read_model(self.path)
            if shape:
                model.reshape({i.any_name: shape for i in model.inputs})
            compiled = self.core.compile_model(model, "CPU", self.options)
            queue = self.queue_type(compiled, self.streams)
            self.compiled[shape] = compiled.create_infer_request(), queue
        return self.compiled[shape]

    def prepare(self, batches, static=False):
        feeds = []
        for batch in batches:
            request, queue = self.model(batch[0].shape if static else None)
            feeds.append((request, queue, batch))
        return feeds

    def run(self, feeds):
        for _, queue, batch in feeds:
            queue.start_async(batch, share_inputs=True)
        for queue in {id(queue): queue for _, queue, _ in feeds}.values():
            queue.wait_all()

    def run_one(self, feed):
        request, _, batch = feed
        request.infer(batch, share_inputs=True, share_outputs=True)


RUNTIMES = {"onnxruntime": OnnxRuntime, "openvino": OpenVINO}
FILES = {"mixed": "encoder.onnx", "rectangular": "unpadded.onnx", "latency": "classifier.onnx"}


def variants(runtime, task, threads):
    """name: (streams, shape of the inputs, size of a batch), for all that is worth trying."""
    streams = [1] if task == "latency" or threads == 1 else [1, threads]
    shapes = ["dynamic"] if task == "mixed" else runtime.shapes
    sizes = {"mixed": [256, 512, 1024, 2048, 4096], "rectangular": [32], "latency": [1]}[task]

    def name(streams, shape, size):
        batching = f"batches of {size} tokens" if task == "mixed" else f"{shape} shape"
        return f"{streams}×{threads // streams} threads, {batching}"

    return {name(*choice): choice for choice in itertools.product(streams, shapes, sizes)}


def measure(arguments, ids, variant):
    """The result of one variant: a warm-up that is not measured, then the work once."""
    kind = RUNTIMES[arguments.runtime]
    streams, shape, size = variants(kind, arguments.task, arguments.threads)[variant]
    if arguments.task == "mixed":
        batches = documents.batches_within(ids, size)
    else:
        batches = documents.batches_of(ids, size)
        # Without padding there is nothing to mask.
        if any(not mask.all() for _, mask in batches):
            raise SystemExit("these documents differ in length")
        batches = [[ids] for ids, _ in batches]

    path = arguments.onnx / FILES[arguments.task]
    runtime = kind(path, arguments.precision, arguments.threads, streams, arguments.task)
    feeds = runtime.prepare(batches, **({"static": True} if shape == "static" else {}))
    result = {"variant": variant, "tokens": sum(map(len, ids)), "documents": len(ids)}
    if arguments.task == "latency":
        for feed in feeds * 3:
            runtime.run_one(feed)
        times = [documents.seconds(lambda: runtime.run_one(feed)) for feed in feeds * 5]
        result["milliseconds_per_document"] = 1000 * statistics.median(times)
    else:
        runtime.run(feeds)
        result["tokens_per_second"] = result["tokens"] / documents.seconds(
            lambda: runtime.run(feeds)
        )
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runtime", choices=RUNTIMES)
    parser.add_argument("--task", choices=FILES, required=True)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--onnx", type=pathlib.Path, required=True)
    parser.add_argument("--input", required=True)
    parser.add_argument("--precision", default="fp32", choices=["fp32", "bf16"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--maximum-length", type=int, default=512)
    parser.add_argument("--variant")
    arguments = parser.parse_args()

    texts = [row["text"] for row in documents.rows(arguments.input)]
    ids = documents.token_ids(arguments.encoder, texts, arguments.maximum_length)
    kind = RUNTIMES[arguments.runtime]
    names = [arguments.variant] if arguments.variant else variants(
        kind, arguments.task, arguments.threads
    )
    for name in names:
        documents.report(**measure(arguments, ids, name))


main()
