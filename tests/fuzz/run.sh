#!/bin/sh
# Runs every harness for its share of the time, from seeds made here and what earlier runs found.
# A crash, a hang (60 s: machines are loaded) or 2 GiB fails; the input lies in FOLDER/crashes.
# usage: run.sh FOLDER SECONDS HARNESS...     needs DCMRISK and MKCOHORT; FUZZER=afl: built for AFL++
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
seconds=$2
shift 2
share=$((seconds / $#))
[ "$share" -ge 1 ] || share=1
status=0
mkdir -p "$folder/crashes" "$folder/corpus"

# Both set code, runs and edges, and write crashes.
by_libfuzzer() { # by_libfuzzer HARNESS NAME SEEDS LOG
    corpus=$folder/corpus/$2
    mkdir -p "$corpus"
    ASAN_OPTIONS=${ASAN_OPTIONS:-}:allocator_may_return_null=1:handle_abort=1 \
        "$1" -max_total_time="$share" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 \
        -artifact_prefix="$folder/crashes/$2-" "$corpus" "$3" >"$4" 2>&1
    code=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$4")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$4" | tail -n 1)
}

# What AFL++ wants of the machine (CPU frequency, core dumps, a core of its own) costs time or
# crashes that are noticed late, and a container cannot give it.  Crashes end no harness.
by_afl() { # by_afl HARNESS NAME SEEDS LOG
    out=$folder/corpus/$2
    stats=$out/default/fuzzer_stats
    compare= # its way to magic words costs thousands of runs an input: for harnesses that are quick
    # shellcheck disable=SC2012
    yes "$3/$(ls "$3" | head -n 1)" | head -n 100 | timeout 1 xargs "$1" >/dev/null 2>&1 && compare='-c 0'
    # shellcheck disable=SC2086
    AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1 AFL_QUIET=1 \
        AFL_AUTORESUME=1 AFL_FAST_CAL=1 AFL_HANG_TMOUT=60000 \
        ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=2048 \
        UBSAN_OPTIONS=abort_on_error=1:halt_on_error=1:symbolize=0 \
        afl-fuzz -i "$3" -o "$out" $compare -t 5000+ -V "$share" -T "$2" -- "$1" >"$4" 2>&1
    code=$?
    runs=$(sed -n 's/^execs_done *: *//p' "$stats")
    edges=$(sed -n 's/^edges_found *: *//p' "$stats")
    for found in "$out"/default/crashes/id:* "$out"/default/hangs/id:*; do
        [ -f "$found" ] || continue
        code=1
        kept=$(sha256sum <"$found" | cut -c 1-40)
        cp "$found" "$folder/crashes/$2-$kept"
        echo "Test unit written to $folder/crashes/$2-$kept" >>"$4"
    done
}

for harness; do
    name=${harness##*/}
    seeds=$folder/seeds/$name
    HARNESSES=${harness%/*}
    export HARNESSES
    [ -d "$seeds" ] || sh "$here/seeds.sh" "$name" "$seeds" || exit 1
    log=$folder/$name.log
    case ${FUZZER:-libfuzzer} in
    afl) by_afl "$harness" "$name" "$seeds" "$log" ;;
    *) by_libfuzzer "$harness" "$name" "$seeds" "$log" ;;
    esac
    if [ "$code" -eq 0 ]; then
        printf 'PASS %-16s %s runs, %s edges\n' "$name" "${runs:-?}" "${edges:-?}"
    else
        status=1
        printf 'FAIL %-16s status %s, see %s\n' "$name" "$code" "$log"
        grep -aE 'ERROR:|SUMMARY:|runtime error:|ABORT|Test unit written' "$log" | head -n 4 | sed 's/^/    /'
    fi
done
exit $status
