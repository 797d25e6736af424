#!/usr/bin/env python3
"""Writes the small inputs that fuzzing starts from, below Tests/Fuzz/Corpus: one folder a target.

All of it is made here; the same run gives the same bytes. Inputs that a fuzzer found are kept beside
them under names that begin with "found-", which this script leaves alone.
"""
import json
import pathlib
import struct

CORPUS = pathlib.Path(__file__).parent / "Corpus"
PART = "\x1e"


def write(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    content = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(content)


def lines(*rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def safetensors(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(dtype, shape, start, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def make_safetensors():
    data = bytes(range(64))
    write("safetensors", "floats", safetensors(
        {"__metadata__": {"format": "pt"}, "a": tensor("F32", [2, 3], 0, 24),
         "b": tensor("F16", [4], 24, 32), "c": tensor("BF16", [2, 2, 4], 32, 64)}, data))
    write("safetensors", "integers", safetensors(
        {"i": tensor("I32", [2], 0, 8), "j": tensor("I64", [1], 8, 16), "e": tensor("F32", [0], 16, 16)},
        data[:16]))
    write("safetensors", "hole", safetensors({"a": tensor("F32", [1], 4, 8)}, data[:8]))
    write("safetensors", "huge-shape", safetensors(
        {"a": tensor("F32", [2**32, 2**32, 2**32], 0, 4)}, data[:4]))
    write("safetensors", "long-header", safetensors(b"{}", length=2**63))
    write("safetensors", "escapes", safetensors(
        b'{"a\\u0000\\ud83d\\ude00":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}  ', b"x"))


WORD_PIECE = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "dull", "film", "life", "##less", ",", "."]
BYTE_LEVEL = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "d": 5, "u": 6, "l": 7, "\u0120": 8,
              "\u0120d": 9, "\u0120du": 10, "ll": 11, "\u0120dull": 12, "<mask>": 13}
MERGES = ["\u0120 d", "\u0120d u", "l l", "\u0120du ll"]


def folder(**files):
    names = {"config": "tokenizer_config.json", "roles": "special_tokens_map.json",
             "added": "added_tokens.json", "whole": "tokenizer.json", "vocab": "vocab.txt",
             "ids": "vocab.json", "merges": "merges.txt", "text": "text"}
    return PART.join(f"{names[key]}\n{value}" for key, value in files.items())


def make_tokenizer():
    vocab = "\n".join(WORD_PIECE) + "\n"
    write("tokenizer", "word-piece", folder(vocab=vocab, text=" lifeless dull"))
    write("tokenizer", "word-piece-settings", folder(
        vocab=vocab, config=json.dumps({"do_lower_case": False, "model_max_length": 16, "added_tokens_decoder": {
            "12": {"content": "<x>", "special": True, "lstrip": True}}}),
        roles=json.dumps({"cls_token": "[CLS]", "sep_token": {"content": "[SEP]"}}),
        added=json.dumps({"<y>": 13}), text=" <x>dull <y>"))
    write("tokenizer", "word-piece-whole", folder(whole=json.dumps({
        "version": "1.0", "added_tokens": [{"id": 3, "content": "[SEP]", "special": True}],
        "normalizer": {"type": "BertNormalizer", "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "vocab": {token: number for number, token in enumerate(WORD_PIECE)}}})))
    write("tokenizer", "byte-level", folder(
        ids=json.dumps(BYTE_LEVEL, ensure_ascii=False), merges="#version: 0.2\n" + "\n".join(MERGES) + "\n"))
    write("tokenizer", "byte-level-whole", folder(whole=json.dumps({
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True},
        "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0],
                           "trim_offsets": True, "add_prefix_space": False},
        "model": {"type": "BPE", "vocab": BYTE_LEVEL, "merges": MERGES}}, ensure_ascii=False)))
    write("tokenizer", "lfs", folder(vocab="version https://git-lfs.github.com/spec/v1\noid sha256:0\n"))


def make_rows():
    write("rows", "json-lines", "0\n" + lines(
        {"id": "1", "text": "a dull film", "label": "negative", "rationale": [[1, 2]]},
        {"text": "na\u00efve \u4e2d\u6587 \U0001f600", "label": 1, "query": "is it good ?"},
        {"text": None, "label": True}, {"text": ""}))
    write("rows", "json-broken", "0\n{\"text\": \"a\\ud800\", \"label\": NaN}\n[1]\n{\"text\": \"b\"")
    write("rows", "csv", "1\ntext,label,id\n\"a \"\"dull\"\"\nfilm\",no,1\r\nwarm,yes,2\r\n")
    write("rows", "csv-quotes", "1\ntext;label\n\"never closed;1\n")
    write("rows", "tsv", "2\nsentence\tlabel\na dull film\t0\n\t\n")
    write("rows", "text", b"3\na dull film\r\n\xef\xbb\xbfwarm\xff\n\n")


def certificate(**changes):
    value = {"version": 3, "classifier_sha256": "@DIGEST@", "reading": "@READING@",
             "engine": "oneDNN 3.0 avx2", "precision": "fp32", "words": ["dull", "film"], "logits": [0.25, -0.25], "label": "no"}
    value.update(changes)
    return {"id": "1", "label": "no", "certificate": value}


def make_certificates():
    write("certificates", "plain", lines(certificate(), certificate(label="yes")))
    write("certificates", "version-1", lines(
        certificate(version=1, precision=None, classifier_sha256="@FILES@"),
        certificate(version=2, classifier_sha256="@FILES@")))
    write("certificates", "readings", lines(
        certificate(reading={"maximum_length": 2**62, "stride": -1, "layout": "$A"}), certificate(reading=None)))
    write("certificates", "odd", lines(
        certificate(words=[]), certificate(words=["", "\u200b", "a" * 200]), certificate(logits=[]),
        certificate(query="is it ?")))
    write("certificates", "numbers", '{"certificate":{"version":2,"classifier_sha256":"@DIGEST@",'
          '"engine":"","precision":"bf16","words":["a"],"logits":[1e39,-1e-50],"label":""}}\n')


def manifest(**changes):
    score = {"accuracy": 0.5, "documents": 2, "macro_f1": 0.5}
    scores = {"best_epoch": 1, "dev": score}
    value = {
        "format_version": 4, "manifest_sha256": "@SEAL@", "labels": ["no", "yes"], "scorer": "cls-attention",
        "thresholder": "top-k", "ratio": 0.2, "maximum_length": 32, "stride": 16, "uses_query": False,
        "training": {
            "encoder": "encoder", "warrant": "0.1.0", "epochs": 1, "batch_size": 32,
            "learning_rate": 2e-5, "weight_decay": 0.01, "warmup": 0.1, "seed": 0, "precision": "fp32",
            "train_documents": 2, "support": scores, "classifier": scores},
        "files": "@FILES@"}
    value.update(changes)
    return json.dumps(value, indent=1)


def make_manifest():
    write("manifest", "plain", manifest())
    write("manifest", "windows", manifest(classifier_window={"maximum_length": 16, "stride": 4}))
    write("manifest", "first-format", manifest(format_version=1, stride=None, manifest_sha256=None))
    write("manifest", "third-format", manifest(format_version=3, manifest_sha256=None))
    write("manifest", "words", manifest(word_rule="unicode"))
    write("manifest", "thresholds", manifest(thresholder="top-p", mass=0.5, scorer="lime:samples=3"))
    write("manifest", "foreign-files", manifest(files={"../secret": "00", "support/config.json": ""}))


def annotation(name, label, evidences, **changes):
    value = {"annotation_id": name, "classification": label, "query": "?", "docids": None,
             "evidences": [[{"docid": d, "start_token": a, "end_token": b, "start_sentence": c,
                             "end_sentence": e, "text": "..."}] for d, a, b, c, e in evidences]}
    value.update(changes)
    return value


def make_eraser():
    rows = lines(annotation("one", "NEG", [("one", 1, 3, 0, 1)]),
                 annotation("pair", "POS", [("two", 0, 2, 0, 1), ("one", 4, 6, 1, 2)], docids=["one", "two"]))
    result = lines(
        {"annotation_id": "one", "classification": "NEG", "classification_scores": {"NEG": 0.75, "POS": 0.25},
         "rationales": [{"docid": "one", "hard_rationale_predictions": [{"start_token": 2, "end_token": 4}],
                         "soft_rationale_predictions": [0, 0.5, 0.5, 0.25, 0, 0],
                         "soft_sentence_predictions": [0.5, 0.25]}]},
        {"annotation_id": "pair", "classification": "POS", "classification_scores": {"NEG": 0.5, "POS": 0.5},
         "rationales": [
             {"docid": "two", "hard_rationale_predictions": [{"start_token": 0, "end_token": 2}],
              "soft_rationale_predictions": [1, 0.5, 0, 0], "soft_sentence_predictions": [1, 0]},
             {"docid": "one", "hard_rationale_predictions": [{"start_token": 0, "end_token": 1}],
              "soft_rationale_predictions": [0, 0, 0, 0, 0, 0], "soft_sentence_predictions": [0, 0]}]})
    write("eraser", "plain", rows + PART + result)
    write("eraser", "hard-only", lines(annotation("one", "NEG", [])) + PART + lines(
        {"annotation_id": "one", "rationales": [
            {"docid": "one", "hard_rationale_predictions": [{"start_token": 0, "end_token": 1}]}]}))
    write("eraser", "out-of-range", lines(annotation("one", "NEG", [("one", 5, 2**62, -1, 2)])) + PART)
    write("eraser", "outside", lines(annotation("../one", "NEG", [("../../one", 0, 1, 0, 1)])) + PART + "{}\n")


for make in (make_safetensors, make_tokenizer, make_rows, make_certificates, make_manifest, make_eraser):
    make()
