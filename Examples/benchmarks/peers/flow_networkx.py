"""networkx: attention flow of one text, from the attention of a folder's support model.

usage: flow_networkx.py MODEL TEXT [--variant NAME]

The graph of Abnar & Zuidema (ACL 2020): for each layer an edge from each token above to each below
with capacity 0.5 · attention (mean over heads) + 0.5 for the token itself; for each word piece the
maximum flow to it from [CLS] above the last layer. Loading, tokenising and the encoder's pass are not
measured, building the graph is. Without --variant each algorithm is tried once, but for Edmonds-Karp,
which had not ended after minutes.
"""

import argparse
import json
import time

import networkx
import torch
from networkx.algorithms import flow
from transformers import BertForSequenceClassification, BertTokenizerFast

VARIANTS = {
    "preflow push": flow.preflow_push,
    "shortest augmenting path": flow.shortest_augmenting_path,
    "Boykov-Kolmogorov": flow.boykov_kolmogorov,
    "Dinitz": flow.dinitz,
}

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("text")
parser.add_argument("--variant", choices=VARIANTS)
arguments = parser.parse_args()

folder = f"{arguments.model}/support"
pieces = BertTokenizerFast.from_pretrained(folder)(arguments.text, return_tensors="pt")
model = BertForSequenceClassification.from_pretrained(folder, attn_implementation="eager").eval()
with torch.inference_mode():
    layers = model(**pieces, output_attentions=True).attentions
attention = [layer[0].mean(0).double().numpy() for layer in layers]
tokens = len(attention[0])


def flows(algorithm):
    graph = networkx.DiGraph()
    for layer, weights in enumerate(attention):
        for row in range(tokens):
            for column in range(tokens):
                capacity = 0.5 * float(weights[row, column]) + 0.5 * (row == column)
                graph.add_edge((layer + 1, row), (layer, column), capacity=capacity)
    source = (len(attention), 0)
    # The algorithms begin by setting it back.
    residual = flow.build_residual_network(graph, "capacity")
    # The first and the last token are [CLS] and [SEP].
    for word in range(1, tokens - 1):
        networkx.maximum_flow_value(
            graph, source, (0, word), flow_func=algorithm, residual=residual
        )


for variant in [arguments.variant] if arguments.variant else VARIANTS:
    start = time.perf_counter()
    flows(VARIANTS[variant])
    milliseconds = (time.perf_counter() - start) * 1000
    result = {"variant": variant, "milliseconds_per_document": milliseconds}
    print(json.dumps(result), flush=True)
