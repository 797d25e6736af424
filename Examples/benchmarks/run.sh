#!/bin/sh
# Compares the command with its peers: builds it, fetches the encoder, sets up a Python environment
# with the peers in the user's cache, and passes its arguments on to compare.py (--help shows them).
# The table goes to standard output, progress to standard error.
#
# WARRANT_BENCHMARK_PYTHON  a Python that has requirements.txt, to use instead of an own environment
# WARRANT_COMMAND           a built warrant, to use instead of building
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?HOME is not set, set it or XDG_CACHE_HOME}/.cache}/warrant
environment=$cache/benchmark-environment
requirements=$here/requirements.txt

say() { printf '%s\n' "benchmark: $*" >&2; }
fail() { say "$*"; exit 69; }

# What only tells about the cases needs nothing built.
for argument; do
    case $argument in
    -h | --help | --list) exec python3 "$here/compare.py" "$@" ;;
    esac
done

# The copy is made last, so an environment that has it is complete.
set_up_python() {
    cmp -s "$requirements" "$environment/requirements.txt" && return 0
    say "installing the peers in $environment (about 1.5 GB)"
    rm -rf "$environment"
    mkdir -p "$cache"
    python3 -m venv "$environment" || fail "python3 -m venv failed; install python3 and its venv"
    # Builds of PyTorch for the CPU alone may stand on its own index only.
    install() {
        "$environment/bin/python" -m pip --quiet --disable-pip-version-check --no-input \
            install --only-binary :all: --requirement "$requirements" "$@" >&2
    }
    install || install --extra-index-url https://download.pytorch.org/whl/cpu ||
        fail "pip could not install $requirements; see above"
    cp "$requirements" "$environment/requirements.txt"
}

if [ -z "${WARRANT_BENCHMARK_PYTHON:-}" ]; then
    set_up_python
    WARRANT_BENCHMARK_PYTHON=$environment/bin/python
fi

root=$here/../..
WARRANT_ENCODER=$("$root/Scripts/fetch-encoder.sh")
if [ -z "${WARRANT_COMMAND:-}" ]; then
    "$root/Scripts/install-dependencies.sh"
    build() { swift build --package-path "$root" -c release --product warrant "$@"; }
    build >&2
    WARRANT_COMMAND=$(build --show-bin-path)/warrant
fi
WARRANT_BENCHMARK_WORK=$cache/benchmark
export WARRANT_ENCODER WARRANT_COMMAND WARRANT_BENCHMARK_WORK
exec "$WARRANT_BENCHMARK_PYTHON" "$here/compare.py" "$@"
