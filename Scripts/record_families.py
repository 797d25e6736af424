"""Record small RoBERTa and DistilBERT models of `transformers`, for Tests/EncodersTests.

    pip install torch transformers==5.23.0 safetensors
    python Scripts/record_families.py

Each model's folder is what `save_pretrained` writes, in bfloat16 to keep it small: its weights are
exact in float32, in which everything is computed. `recording.safetensors` holds the token ids of
some documents one after another (`ids`, `starts`), the states after each layer (`states.0`: the
embeddings' output), the logits, and the gradient of the sum of the documents' cross-entropies for
the classes `labels` by every parameter.
"""

import pathlib

import torch
import transformers
from safetensors.torch import save_file
from transformers import (
    DistilBertConfig, DistilBertForSequenceClassification, RobertaConfig,
    RobertaForSequenceClassification)

TESTS = pathlib.Path(__file__).parent.parent / "Tests/EncodersTests"
LABELS = {0: "no", 1: "maybe", 2: "yes"}
SHAPE = {"vocab_size": 60, "id2label": LABELS, "label2id": {v: k for k, v in LABELS.items()}}
# 1 and 0 are the padding tokens, which a text may spell out.
DOCUMENTS = [[0, 7, 19, 23, 2], [0, 5, 2, 2, 42, 59, 1, 33, 11, 2], [0, 2]]


def models():
    yield "roberta", RobertaForSequenceClassification(RobertaConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
        max_position_embeddings=18, type_vocab_size=1, layer_norm_eps=1e-5, **SHAPE))
    yield "distilbert", DistilBertForSequenceClassification(DistilBertConfig(
        dim=32, n_layers=2, n_heads=4, hidden_dim=48, max_position_embeddings=16,
        sinusoidal_pos_embds=True, **SHAPE))


def record(name, model):
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter_name, parameter in model.named_parameters():
            # Wide enough for a mistake in any part to show.
            values = torch.randn(parameter.shape, generator=generator) * 0.3
            if "norm" in parameter_name.lower() and parameter_name.endswith("weight"):
                values += 1
            if not parameter_name.endswith("position_embeddings.weight"):
                parameter.copy_(values)
            parameter.copy_(parameter.to(torch.bfloat16).float())
    model.eval()
    recording = {
        "ids": torch.tensor(sum(DOCUMENTS, []), dtype=torch.int32),
        "starts": torch.tensor(
            [sum(map(len, DOCUMENTS[:i])) for i in range(len(DOCUMENTS) + 1)], dtype=torch.int32),
        "labels": torch.tensor([2, 0, 1], dtype=torch.int32)}
    logits, states = [], []
    for document in DOCUMENTS:
        out = model(
            torch.tensor([document]), attention_mask=torch.ones(1, len(document), dtype=torch.long),
            output_hidden_states=True)
        logits.append(out.logits[0])
        states.append([state[0] for state in out.hidden_states])
    logits = torch.stack(logits)
    torch.nn.functional.cross_entropy(
        logits, recording["labels"].long(), reduction="sum").backward()
    recording["logits"] = logits.detach()
    for layer, parts in enumerate(zip(*states)):
        recording[f"states.{layer}"] = torch.cat(parts).detach()
    for parameter_name, parameter in model.named_parameters():
        recording["gradient." + parameter_name] = parameter.grad.clone()
    folder = TESTS / name
    model.to(torch.bfloat16).save_pretrained(folder)
    save_file(
        {key: value.contiguous() for key, value in recording.items()},
        folder / "recording.safetensors",
        {"made by": f"Scripts/record_families.py, transformers {transformers.__version__}"})
    for file in folder.iterdir():
        file.chmod(0o644)


if __name__ == "__main__":
    for name, model in models():
        record(name, model)
