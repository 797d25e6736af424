#!/usr/bin/env bash
# Runs the attention debate's experiments:
#   run.sh [--data DIR] [--output DIR]
# A run that was stopped goes on where it was. Data and stages are kept in the output folder (default:
# .build/attention-debate in the repository); the tables go into results/ beside this script.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
data=$root/../shared/data
output=$root/.build/attention-debate
while [ $# -gt 0 ]; do
    case $1 in
    --data) data=$2 ;;
    --output) output=$2 ;;
    *)
        echo "run.sh: expected --data DIR or --output DIR" >&2
        exit 64
        ;;
    esac
    shift 2
done

mkdir -p "$output/data"
for name in sst-jain-wallace movies; do
    if [ ! -e "$data/$name" ]; then
        echo "run.sh: there is no $data/$name; give the folder of the data sets as --data" >&2
        exit 66
    fi
    ln -sfn "$(cd "$data/$name" && pwd)" "$output/data/$name"
done
python3 "$here/prepare.py" "$data" "$output/data"
python3 "$here/generate_babi.py" "$output/data"
# Paths in the experiment's file are relative to its folder.
cp "$here/debate.json" "$output/debate.json"
ln -sfn "$("$root/Scripts/fetch-encoder.sh")" "$output/all-MiniLM-L6-v2"

cd "$root"
swift build -c release --product warrant >&2
warrant=$(swift build -c release --product warrant --show-bin-path)/warrant
"$warrant" experiment "$output/debate.json" --output "$output/results" --stages "$output/stages"
mkdir -p "$here/results"
for file in diagnostics.md diagnostics.csv diagnostics.jsonl; do
    cp "$output/results/$file" "$here/results/$file"
done
