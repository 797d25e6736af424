#!/bin/sh
# Fuzzes every reader of what comes from outside, each for so many seconds: Scripts/fuzz.sh 60, or
# Scripts/fuzz.sh 60 rows safetensors for some of them. Inputs that end in a crash stay in .build/fuzz,
# and the last line says how to run one again. Inputs that reach new code are kept there between runs,
# outside of the repository.
set -eu

cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
case $seconds in
*[!0-9]* | '' | 0) echo "fuzz: the seconds are \"$seconds\"; expected a whole number from 1" >&2; exit 64 ;;
esac
[ $# -gt 0 ] || set -- safetensors tokenizer rows certificates manifest eraser

say() { printf '%s\n' "fuzz: $*" >&2; }

Scripts/install-dependencies.sh
build=.build/fuzz
fuzzer=$build/warrant-fuzz
say "building with libFuzzer's instrumentation; the first time takes minutes"
swift build -c release --scratch-path "$build/package" --sanitize fuzzer --target FuzzEntries
products=$(swift build -c release --scratch-path "$build/package" --show-bin-path)
# Everything that FuzzEntries needs, but no program: libFuzzer brings its own main.
find "$products" -name '*.o' ! -path '*WarrantCommand*' ! -path '*ArgumentParser*' \
    ! -path '*Tests.build*' ! -path '*-tool.build*' ! -path '*main.swift.o' |
    while IFS= read -r object; do
        # The build leaves the object of a source that was moved or removed since.
        module=$(basename "${object%.build/*}")
        source=$(basename "$object" .o)
        [ -d "Sources/$module" ] && [ -z "$(find "Sources/$module" -name "$source")" ] ||
            printf '%s\n' "$object"
    done >"$build/objects"
# Modules of C are found by their maps: those in the sources, and those that the build made.
find Sources "$products" "$build/package/checkouts" -name module.modulemap ! -path '*.build/include/*' \
    -exec printf -- '-Xcc\n-fmodule-map-file=%s\n' {} + >"$build/maps"
swiftc -O -sanitize=fuzzer -parse-as-library -swift-version 6 -I "$products/Modules" \
    Tests/Fuzz/Driver/Driver.swift "@$build/objects" "@$build/maps" -ldnnl -lz -lstdc++ -o "$fuzzer"

status=0
for target in "$@"; do
    mkdir -p "$build/corpus/$target" "$build/found"
    say "$target, for $seconds seconds"
    if ! WARRANT_FUZZ_TARGET=$target "$fuzzer" "$build/corpus/$target" "Tests/Fuzz/Corpus/$target" \
        "-max_total_time=$seconds" -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
        "-artifact_prefix=$build/found/$target-" >"$build/$target.log" 2>&1; then
        status=1
        tail -n 40 "$build/$target.log" >&2
        say "$target failed; again: WARRANT_FUZZ_TARGET=$target $fuzzer $build/found/$target-…"
    fi
    grep -E '^stat::number_of_executed_units|^stat::average_exec' "$build/$target.log" >&2 || true
done
exit $status
