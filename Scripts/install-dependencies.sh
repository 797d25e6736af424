#!/bin/sh
# Installs what the package links against: oneDNN, for matrix products, and zlib, for gzip files.
# Says nothing and changes nothing when it is already there.
set -eu

say() { printf '%s\n' "install-dependencies: $*" >&2; }
fail() { say "$*"; exit 69; }

command -v swift >/dev/null 2>&1 ||
    fail "swift is not on PATH; install Swift 6.2 or newer (https://www.swift.org/install)"

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Asks the compiler, which knows its own search paths, rather than guess where files lie.
libraries_are_there() {
    compiler=$(command -v clang || command -v cc) || return 1
    printf '%s\n' '#include <oneapi/dnnl/dnnl.h>' '#include <zlib.h>' \
        'int main(void) { return dnnl_version() == 0 || zlibVersion() == 0; }' |
        "$compiler" -x c - -x none -ldnnl -lz -o "$log" >/dev/null 2>&1
}

# Runs a command quietly, as the superuser where that takes sudo; shows its output if it fails.
as_root() {
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 ||
            fail "installing needs the superuser, and there is no sudo; run as root: $*"
        set -- sudo "$@"
    fi
    "$@" >"$log" 2>&1
}

install_with_apt() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends libdnnl-dev zlib1g-dev
}

case $(uname -s) in
Darwin)
    command -v brew >/dev/null 2>&1 ||
        fail "oneDNN is needed and Homebrew is missing; install Homebrew, or oneDNN by hand"
    if ! brew list onednn >/dev/null 2>&1; then
        say "installing onednn with Homebrew"
        brew install onednn >"$log" 2>&1 || { cat "$log" >&2; fail "brew install onednn failed"; }
    fi
    ;;
*)
    libraries_are_there && exit 0
    command -v apt-get >/dev/null 2>&1 ||
        fail "oneDNN and zlib are needed and apt-get is missing; install their headers" \
            "(oneapi/dnnl/dnnl.h, zlib.h) and libraries with this system's package manager"
    say "installing libdnnl-dev and zlib1g-dev with apt-get"
    # The package lists may be missing or old; then one update helps.
    install_with_apt || { as_root apt-get update && install_with_apt; } ||
        { cat "$log" >&2; fail "apt-get could not install libdnnl-dev and zlib1g-dev"; }
    libraries_are_there ||
        fail "libdnnl-dev and zlib1g-dev are installed, and the compiler still cannot use them"
    ;;
esac
