#!/bin/sh
# Shows what the package does, from a clean clone, in a few minutes: classifies with the model that
# ships, trains another one, and verifies its answers. Results go to standard output, progress to
# standard error. Leaves nothing behind but the build.
set -eu

cd "$(dirname "$0")/.."
model=Models/sst-small
reviews=Examples/reviews/reviews.jsonl
trials=Examples/trial-abstracts

# Bold on a terminal that knows it.
if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$(printf '\033[1m')
    plain=$(printf '\033[0m')
else
    bold='' plain=''
fi
heading() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
say() { printf '%s\n' "$*"; }
fail() { printf 'demo: %s\n' "$*" >&2; exit 1; }

for needed in "$model/warrant.json" "$reviews" "$trials/train.jsonl"; do
    [ -f "$needed" ] || fail "$needed is missing; it comes with the repository: git checkout it"
done

work=$(mktemp -d "${TMPDIR:-/tmp}/warrant-demo.XXXXXX")
trap 'rm -rf "$work"' EXIT
# A signal ends the script through EXIT, so the folder goes then too.
trap 'exit 130' INT
trap 'exit 143' TERM HUP

heading "Building Warrant (once; about two minutes on two cores)"
Scripts/install-dependencies.sh
swift build -c release --product warrant >&2
warrant=$(swift build -c release --product warrant --show-bin-path)/warrant

heading "1. Twelve movie reviews, read by the model that ships"
say "Each label was predicted from the marked words alone (which words are marked may depend on all):"
say
"$warrant" classify --model "$model" --input "$reviews" --highlight
"$warrant" classify --model "$model" --input "$reviews" --certificates >"$work/reviews.jsonl"

heading "2. A model of your own: 900 short texts on invented trials"
say "First a support model learns from whole texts; then a classifier learns from extracts alone."
say "Labels: did the outcome decrease, increase, or not differ? (Data: $trials)"
say
"$warrant" train --encoder "$model/support" --train "$trials/train.jsonl" \
    --dev "$trials/dev.jsonl" --test "$trials/test.jsonl" --output "$work/model" \
    --epochs 12 --batch-size 8 --learning-rate 4e-4 --thresholder contiguous

heading "3. Six texts that it has not seen"
say "Where the marked span misses the telling phrase, the classifier had to guess, and you can see it:"
head -n 6 "$trials/test.jsonl" >"$work/six.jsonl"
say
"$warrant" classify --model "$work/model" --input "$work/six.jsonl" --highlight

heading "4. Every answer made again from its own words"
say "A certificate holds the words, the logits and the SHA-256 of the classifier. Verifying predicts"
say "again from these words alone, and checks that they stand in the source text:"
say
# The summary is a message, on standard error; here it is the result.
verify() { "$warrant" verify "$@" 2>&1; }
"$warrant" classify --model "$work/model" --input "$trials/test.jsonl" \
    --certificates >"$work/answers.jsonl"
verify --model "$model" --input "$work/reviews.jsonl" --source "$reviews" --selection
verify --model "$work/model" --input "$work/answers.jsonl" --source "$trials/test.jsonl" \
    --selection
say
say "And with one word of one answer replaced, it must fail:"
say
# Within the certificate alone: the first of its words.
sed '3s/"words":\["[^"]*"/"words":["otherwise"/' "$work/answers.jsonl" >"$work/altered.jsonl"
if verify --model "$work/model" --input "$work/altered.jsonl" --source "$trials/test.jsonl"; then
    fail "an altered certificate was accepted"
fi

heading "Where to go from here"
say "  README.md                  training on your own data, the library, the guarantee's limits"
say "  $trials   the example that was just trained"
say "  $warrant --help"
say "(The model that was trained here goes with the demo; the README says how to keep one.)"
