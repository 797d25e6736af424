#!/bin/sh
# Trains Models/sst-small again: one layer of MiniLM with the word pieces that SST uses most.
# The same data on the same kind of machine give the same bytes.
#
# usage: Examples/sst-small/train.sh DATA OUTPUT
#   DATA    a folder with train.tsv, dev.tsv and test.tsv of the binary Stanford Sentiment
#           Treebank, with a header "sentence<TAB>label" and labels 0 (negative) and 1 (positive)
#   OUTPUT  the model folder to write
set -eu

[ $# -eq 2 ] || { sed -n '5,8s/^# \{0,1\}//p' "$0" >&2; exit 64; }
data=$(cd "$1" && pwd)
case $2 in /*) output=$2 ;; *) output=$PWD/$2 ;; esac
cd "$(dirname "$0")/../.."
encoder=$(Scripts/fetch-encoder.sh)
swift build -c release --product warrant >&2
warrant=$(swift build -c release --product warrant --show-bin-path)/warrant
work=$(mktemp -d "${TMPDIR:-/tmp}/sst-small.XXXXXX")
trap 'rm -rf "$work"' EXIT

for split in train dev test; do
    awk -F '\t' -v OFS='\t' 'NR == 1 { print "sentence", "label"; next }
        { print $1, ($2 + 0 == 1 ? "positive" : "negative") }' \
        "$data/$split.tsv" >"$work/$split.tsv"
done

"$warrant" trim --encoder "$encoder" --layers 0 --vocabulary-size 4800 --maximum-length 256 \
    --text "$work/train.tsv" --weights bf16 --output "$work/minilm-1-layer"
# The learning rate and the epochs are the best on the dev set of 1e-4, 2e-4, 4e-4 and 4, 8.
"$warrant" train --encoder "$work/minilm-1-layer" --train "$work/train.tsv" \
    --dev "$work/dev.tsv" --test "$work/test.tsv" --ratio 0.2 --epochs 4 --learning-rate 4e-4 \
    --seed 0 --weights bf16 --output "$output"
cat >>"$output/README.md" <<'EOF'

## Where it comes from

The words and labels are those of the binary Stanford Sentiment Treebank (Socher et al. 2013):
sentences of English film reviews, lower-cased and tokenised. Both stages start from the first layer
of `sentence-transformers/all-MiniLM-L6-v2` (Apache-2.0) with the 4,800 word pieces that the training
sentences use most. `Examples/sst-small/train.sh` makes this folder again from the data.

It is small enough to ship, and meant for trying the commands out. It knows film reviews and little
else; a word it never saw falls into short pieces that tell it nothing. Take a whole encoder and
texts of your own for anything that counts.
EOF
