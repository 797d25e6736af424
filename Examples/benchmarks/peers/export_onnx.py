"""Exports an encoder to ONNX with PyTorch, once for each use, and checks each file against PyTorch.

usage: export_onnx.py ENCODER OUTPUT-FOLDER

  encoder.onnx     ids and mask to the last hidden states of all tokens, for padded batches
  unpadded.onnx    ids to the last hidden states, for batches without padding
  classifier.onnx  ids to the logits of two classes, for single documents
  fused-*.onnx     the same after ONNX Runtime's own optimizer for BERT, for ONNX Runtime alone
"""

import pathlib
import sys

import numpy
import onnxruntime
import torch
from onnxruntime.transformers import optimizer
from transformers import AutoModel, AutoModelForSequenceClassification


class Encoder(torch.nn.Module):
    def __init__(self, folder):
        super().__init__()
        # Eager attention: the form that ONNX Runtime's optimizer recognises and fuses.
        self.model = AutoModel.from_pretrained(
            folder, add_pooling_layer=False, attn_implementation="eager"
        )

    def forward(self, input_ids, attention_mask=None):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


class Classifier(torch.nn.Module):
    def __init__(self, folder):
        super().__init__()
        self.model = AutoModelForSequenceClassification.from_pretrained(
            folder, num_labels=2, attn_implementation="eager"
        )

    def forward(self, input_ids):
        return self.model(input_ids=input_ids).logits


def export(module, path, masked):
    """Writes `path` and its fused twin, and compares both with PyTorch on another shape."""
    module.eval()
    names = ["input_ids", "attention_mask"] if masked else ["input_ids"]

    def example(documents, tokens):
        inputs = [torch.randint(1000, 2000, (documents, tokens))]
        if masked:
            inputs.append(torch.ones_like(inputs[0]))
            inputs[1][-1, tokens // 2 :] = 0
        return tuple(inputs)

    torch.onnx.export(
        module,
        example(2, 16),
        str(path),
        input_names=names,
        output_names=["output"],
        dynamic_axes={name: {0: "documents", 1: "tokens"} for name in names},
        opset_version=17,
        dynamo=False,
    )
    fused = path.with_name(f"fused-{path.name}")
    config = module.model.config
    optimizer.optimize_model(
        str(path),
        model_type="bert",
        num_heads=config.num_attention_heads,
        hidden_size=config.hidden_size,
    ).save_model_to_file(str(fused))

    inputs = example(3, 33)
    with torch.inference_mode():
        expected = module(*inputs).numpy()
    for file in (path, fused):
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        feed = {i.name: v.numpy() for i, v in zip(session.get_inputs(), inputs)}
        got = session.run(None, feed)[0]
        # What stands behind a document's end is never read.
        if masked:
            got, expected = (states * inputs[1].numpy()[..., None] for states in (got, expected))
        difference = numpy.abs(got - expected).max()
        if not difference < 1e-3:
            sys.exit(f"{file} differs from PyTorch by {difference}")


encoder, output = sys.argv[1], pathlib.Path(sys.argv[2])
output.mkdir(parents=True, exist_ok=True)
torch.manual_seed(0)
export(Encoder(encoder), output / "encoder.onnx", masked=True)
export(Encoder(encoder), output / "unpadded.onnx", masked=False)
export(Classifier(encoder), output / "classifier.onnx", masked=False)
