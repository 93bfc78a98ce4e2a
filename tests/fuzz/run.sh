#!/bin/sh
# Runs every harness for its share of the time, from seeds made here and what earlier runs found.
# A crash, a hang (60 s: machines are loaded) or 2 GiB ends a harness and fails; the input lies in build/fuzz/crashes.
# usage: run.sh FOLDER SECONDS HARNESS...     needs DCMRISK and MKCOHORT
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
seconds=$2
shift 2
share=$((seconds / $#))
[ "$share" -ge 1 ] || share=1
status=0
mkdir -p "$folder/crashes"
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:allocator_may_return_null=1:handle_abort=1"
for harness; do
    name=${harness##*/}
    corpus=$folder/corpus/$name
    seeds=$folder/seeds/$name
    mkdir -p "$corpus"
    HARNESSES=${harness%/*}
    export HARNESSES
    [ -d "$seeds" ] || sh "$here/seeds.sh" "$name" "$seeds" || exit 1
    log=$folder/$name.log
    "$harness" -max_total_time="$share" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 \
        -artifact_prefix="$folder/crashes/$name-" "$corpus" "$seeds" >"$log" 2>&1
    code=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    cover=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    if [ "$code" -eq 0 ]; then
        printf 'PASS %-16s %s runs, %s edges\n' "$name" "${runs:-?}" "${cover:-?}"
    else
        status=1
        printf 'FAIL %-16s status %s, see %s\n' "$name" "$code" "$log"
        grep -E 'ERROR:|SUMMARY:|runtime error:|Test unit written' "$log" | head -n 4 | sed 's/^/    /'
    fi
done
exit $status
