#!/bin/sh
# Lints, builds and tests the package, fetching what the tests need. Closes with one line:
# "N passed, N failed, N skipped". With the encoder and the reference recordings both present,
# a skipped test counts as a failure: nothing is left that could excuse it, but for instructions
# that the CPU does not have.
set -eu

cd "$(dirname "$0")/.."
log=.build/test.log
mkdir -p .build

say() { printf '%s\n' "test: $*" >&2; }

Scripts/install-dependencies.sh

complete=yes
if [ -z "${WARRANT_SHARED:-}" ] && [ -d ../shared ]; then
    WARRANT_SHARED=$(cd ../shared && pwd)
    export WARRANT_SHARED
fi
if [ ! -d "${WARRANT_SHARED:-}" ]; then
    complete=no
    say "no ../shared: the tests that need its recordings are skipped"
fi

# Tests of killed runs stop the command with strace, where the system has it and lets it.
can_trace() { strace -o /dev/null true >/dev/null 2>&1; }
if ! can_trace && command -v apt-get >/dev/null 2>&1; then
    say "installing strace with apt-get"
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root="sudo -n"
    # $as_root is a command with its option, or nothing.
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y --no-install-recommends strace \
        >/dev/null 2>&1 || true
fi
# What may be skipped for want of it: nothing, where it works.
no_trace='"strace cannot be used here"'
if can_trace; then
    no_trace='"never skipped"'
else
    say "strace cannot be used here: the test that needs it is skipped"
fi

# What needs no build goes on beside it: the encoder's download, and the lint.
Scripts/fetch-encoder.sh >.build/encoder.path &
fetching=$!
make --no-print-directory lint >.build/lint.log 2>&1 &
linting=$!
trap 'kill "$fetching" "$linting" 2>/dev/null || true' EXIT

swift build -c release --build-tests || { say "the tests do not build"; exit 1; }
wait "$linting" || { cat .build/lint.log; say "the lint above must be clean first"; exit 1; }
if wait "$fetching"; then
    WARRANT_ENCODER=$(cat .build/encoder.path)
    export WARRANT_ENCODER
else
    complete=no
    unset WARRANT_ENCODER
    say "no encoder: the tests that need it are skipped"
fi
trap - EXIT

# A pipe's status is that of its last command, so the tests' own goes through a file.
status_file=.build/test.status
: >"$log"
status=0
# XCTest is not used; left enabled, it would close the output with "Executed 0 tests".
run_tests() {
    rm -f "$status_file"
    {
        code=0
        swift test -c release --skip-build --disable-xctest "$@" 2>&1 || code=$?
        echo "$code" >"$status_file"
    } | tee -a "$log"
    code=$(cat "$status_file")
    [ "$code" -eq 0 ] || status=$code
}
run_tests
# What the engine promises must hold on a CPU without AVX-512 too. oneDNN's switch has had two
# names.
say "again, the engine's tests as on a CPU that has AVX2 only"
WARRANT_MAX_CPU_ISA=avx2 ONEDNN_MAX_CPU_ISA=AVX2 DNNL_MAX_CPU_ISA=AVX2
export WARRANT_MAX_CPU_ISA ONEDNN_MAX_CPU_ISA DNNL_MAX_CPU_ISA
run_tests --filter 'TensorsTests\.|EncodersTests\.|GuaranteeTests'
# The summary stands on a line of its own even if a test printed half a line at the end.
[ -z "$(tail -c 1 "$log")" ] || echo

# Swift Testing ends a test with one of
#   ✔ Test "name" passed after 0.1 seconds.
#   ✘ Test name() with 3 test cases failed after 0.1 seconds with 2 issues.
#   ➜ Test "name" skipped: "reason"
# Only line ends count: what a test prints without a line break may stand before the symbol.
ended='Test ("|[^ ]+\().*'
run='Test run with [0-9]+ tests?.* (passed|failed) after'
count() { grep -Ev "$run" "$log" | grep -Ec "$1" || true; }
skipped_lines="$ended skipped(\.|: \".*\")\$"
passed=$(count "$ended passed after [0-9.]+ seconds.*\.\$")
failed=$(count "$ended failed after [0-9.]+ seconds.*\.\$")
skipped=$(count "$skipped_lines")

if [ "$(grep -Ec "$run" "$log")" -ne 2 ]; then
    say "the tests ended early with status $status; the last lines above say where"
    status=1
    failed=$((failed + 1))
elif [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    say "swift test ended with status $status"
    failed=1
fi
unexcused=$(grep -E "$skipped_lines" "$log" |
    grep -Fv -e '"this CPU has no bf16 instructions"' -e "$no_trace" || true)
if [ "$complete" = yes ] && [ -n "$unexcused" ]; then
    say "everything that the tests need is here, and these were skipped all the same:"
    printf '%s\n' "$unexcused" >&2
    status=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$status" -eq 0 ] && [ "$failed" -eq 0 ]
