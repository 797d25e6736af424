#!/usr/bin/env bash
# Runs the grids of this folder, one after the other, or those that are named:
#   run.sh [--output DIR] [sst] [agnews] [movies] [multirc]
# A run that was stopped goes on where it was. Stages are kept in DIR (default: .build/fresh-table in
# the repository), results go into results/NAME beside this script when a grid is complete.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
output=$root/.build/fresh-table
if [ "${1:-}" = --output ]; then
    output=$2
    shift 2
fi
[ $# -gt 0 ] || set -- sst agnews movies multirc

encoder=$("$root/Scripts/fetch-encoder.sh")
cd "$root"
swift build -c release --product warrant >&2
warrant=$(swift build -c release --product warrant --show-bin-path)/warrant
for name in "$@"; do
    "$warrant" experiment "$here/$name.json" --encoder "$encoder" --output "$output/$name"
    mkdir -p "$here/results/$name"
    for file in results.jsonl table.md table.csv; do
        cp "$output/$name/$file" "$here/results/$name/$file"
    done
done
