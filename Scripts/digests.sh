#!/bin/sh
# Prints SHA-256 digests of trained weights and of answers, a line each, to compare two versions of
# the code on one machine: what must not change gives the same lines.
#
#   Scripts/digests.sh OLD/.build/release/warrant > old.txt
#   Scripts/digests.sh .build/release/warrant > new.txt
#   diff old.txt new.txt
#
# With a second argument, quick, SST is left out and all else takes about a minute. SST needs
# ../shared/data/sst (or WARRANT_SHARED) and the encoder of Scripts/fetch-encoder.sh. Lines on
# another CPU may differ; "engine" names what bits depend on.
set -eu
warrant=$(realpath "$1")
extent=${2:-all}
cd "$(dirname "$0")/.."
shared=${WARRANT_SHARED:-../shared}
shipped=Models/sst-small
work=$(mktemp -d "${TMPDIR:-/tmp}/warrant-digests.XXXXXX")
trap 'rm -rf "$work"' EXIT

# digest NAME FILE...: one line. The manifest's digest covers all files of a model.
digest() { line=$1; shift; cat "$@" | sha256sum | sed "s|  -|  $line|"; }

# trained NAME ARGUMENTS...: a model's weights and settings, and its answers to $input.
trained() {
    name=$1
    shift
    "$warrant" train --output "$work/$name" "$@" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        return 1
    }
    for file in support/model.safetensors extractor/model.safetensors \
        classifier/model.safetensors warrant.json; do
        [ ! -f "$work/$name/$file" ] || digest "$name/$file" "$work/$name/$file"
    done
    for precision in fp32 auto; do
        "$warrant" classify --model "$work/$name" --input "$input" --certificates \
            --precision $precision >"$work/out" 2>"$work/log" || { cat "$work/log" >&2; return 1; }
        digest "$name/answers-$precision" "$work/out"
    done
}

echo "# engine: $("$warrant" classify --model $shipped --certificates "a film" 2>/dev/null |
    sed 's/.*"engine":"\([^"]*\)".*/\1/')"

python3 - "$work" Examples/trial-abstracts/train.jsonl <<'PYTHON'
"""Writes rows with queries and long texts, and tiny encoders' tokenizers."""
import json, os, random, shutil, struct, sys

work, trials = sys.argv[1:]
rows = [json.loads(line) for line in open(trials)][:240]
with open(f"{work}/queries.jsonl", "w") as out:
    for number in range(0, 240, 2):
        text = " ".join(row["text"] for row in rows[number:number + 2])
        out.write(json.dumps({"text": text, "query": "what did it do ?",
                              "label": rows[number]["label"]}) + "\n")
for family in ["roberta", "distilbert"]:
    folder = f"{work}/{family}-encoder"
    shutil.copytree(f"Tests/EncodersTests/{family}", folder)
    os.remove(f"{folder}/recording.safetensors")
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    if family == "distilbert":
        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        pieces += list(letters) + ["##" + letter for letter in letters]
        open(f"{folder}/vocab.txt", "w").write("\n".join(pieces[:60]) + "\n")
    else:
        # A byte-level vocabulary has all bytes: more rows of the word embeddings.
        bytes_as_letters = list(range(0x21, 0x7F)) + list(range(0xA1, 0xAD)) + list(range(0xAE, 0x144))
        pieces = ["<s>", "<pad>", "</s>", "<unk>"] + [chr(letter) for letter in bytes_as_letters]
        merges = ["t h", "i n", "e r", "a n", "o n", "r e", "\u0120 a", "\u0120 t", "n d"]
        pieces += [merge.replace(" ", "") for merge in merges] + ["<mask>"]
        ids = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
        json.dump(ids, open(f"{folder}/vocab.json", "w"))
        open(f"{folder}/merges.txt", "w").write("#version: 0.2\n" + "\n".join(merges) + "\n")
        settings = json.load(open(f"{folder}/config.json"))
        settings["vocab_size"] = len(ids)
        json.dump(settings, open(f"{folder}/config.json", "w"))
        raw = open(f"{folder}/model.safetensors", "rb").read()
        size = struct.unpack("<Q", raw[:8])[0]
        header, data = json.loads(raw[8:8 + size]), raw[8 + size:]
        words = next(name for name in header if name.endswith("word_embeddings.weight"))
        columns = header[words]["shape"][1]
        draw = random.Random(0)
        rows = struct.pack(f"<{len(ids) * columns}f",
                           *[draw.gauss(0, 0.3) for _ in range(len(ids) * columns)])
        header[words] = {"dtype": "F32", "shape": [len(ids), columns],
                         "data_offsets": [len(data), len(data) + len(rows)]}
        # The old rows would be bytes that no tensor has.
        parts, offset = [], 0
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            start, end = entry["data_offsets"]
            part = (data + rows)[start:end]
            entry["data_offsets"] = [offset, offset + len(part)]
            offset += len(part)
            parts.append(part)
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        open(f"{folder}/model.safetensors", "wb").write(
            struct.pack("<Q", len(text)) + text + b"".join(parts))
PYTHON

if [ "$extent" = all ]; then
    encoder=$(Scripts/fetch-encoder.sh)
    input=$work/sst.tsv
    head -n 400 "$shared/data/sst/test.tsv" >"$input"
    for precision in fp32 bf16; do
        trained "sst-$precision" --encoder "$encoder" --train "$shared/data/sst/train.tsv" \
            --dev "$shared/data/sst/dev.tsv" --epochs 1 --seed 0 --precision $precision
    done
fi

input=Examples/trial-abstracts/test.jsonl
trained demo --encoder $shipped/support --train Examples/trial-abstracts/train.jsonl \
    --dev Examples/trial-abstracts/dev.jsonl --test Examples/trial-abstracts/test.jsonl \
    --epochs 3 --batch-size 8 --learning-rate 4e-4 --thresholder contiguous

input="$work/queries.jsonl"
trained tagger --encoder $shipped/support --train "$work/queries.jsonl" --extractor tagger \
    --epochs 2 --batch-size 8 --learning-rate 4e-4 --maximum-length 40 --controls
trained weighted --encoder $shipped/support --train "$work/queries.jsonl" --seed 3 \
    --epochs 1 --classifier-epochs 2 --classifier-maximum-length 24 --class-weights balanced \
    --scorer fresh-gradient --thresholder top-p --mass 0.4

input=Examples/trial-abstracts/test.jsonl
for family in roberta distilbert; do
    trained $family --encoder "$work/$family-encoder" --train Examples/trial-abstracts/dev.jsonl \
        --epochs 1 --learning-rate 1e-3
done

# The shipped model with every scorer and thresholder: its manifest is changed and sealed again.
python3 - $shipped "$work/shipped" <<'PYTHON'
import hashlib, json, os, sys

shipped, target = sys.argv[1:]
scorers = ["cls-attention", "cls-attention:0", "cls-attention:0.1", "attention-rollout",
           "attention-flow", "attention-norm", "effective-attention", "attention-gradient",
           "gradient", "gradient-x-input", "fresh-gradient", "integrated-gradients",
           "leave-one-out", "lime:50", "random", "first"]
thresholders = [{"thresholder": name, "ratio": 0.3} for name in
                ["top-k", "contiguous", "sentences"]]
thresholders += [{"thresholder": name, "ratio": 0.3, "cut_off": 0.08, "minimum_words": 1}
                 for name in ["global-top-k", "global-contiguous"]]
thresholders += [{"thresholder": "top-p", "mass": 0.4}, {"thresholder": "threshold", "cut_off": 0.1}]
old = json.load(open(f"{shipped}/warrant.json"))
models = [(f"scorer-{name}", {"scorer": name}) for name in scorers]
models += [(f"thresholder-{one['thresholder']}", one) for one in thresholders]
for name, change in models:
    folder = f"{target}/{name}"
    os.makedirs(folder)
    for part in ["support", "classifier"]:
        os.symlink(os.path.abspath(f"{shipped}/{part}"), f"{folder}/{part}")
    new = dict(old)
    if "thresholder" in change:
        for key in ["ratio", "words", "mass", "cut_off", "minimum_words"]:
            new.pop(key, None)
    new.update(change)
    new["manifest_sha256"] = "0" * 64
    text = json.dumps(new, indent=2)
    seal = hashlib.sha256(text.encode()).hexdigest()
    open(f"{folder}/warrant.json", "w").write(text.replace("0" * 64, seal))
PYTHON
for folder in "$work"/shipped/*; do
    name=$(basename "$folder")
    "$warrant" classify --model "$folder" --input Examples/reviews/reviews.jsonl --certificates \
        --precision fp32 >"$work/out" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
    "$warrant" extract --model "$folder" --input Examples/reviews/reviews.jsonl --precision fp32 \
        --scores >>"$work/out" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
    digest "shipped/$name" "$work/out"
done
