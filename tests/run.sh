#!/bin/sh
# Runs every test there is and counts: unit programs ($BUILD/tests/test_*), command-line cases
# (tests/cli/*/*.sh), oracles (tests/oracle/*.sh) and pages in a browser (tests/web/*.sh).  Each
# gets a scratch folder, a time limit and a log below $BUILD/test-logs; two run at a time.
#
#   TEST=PATTERN   only tests whose name matches ('unit/*', 'cli/usage/*', 'oracle/cohort*')
#   UPDATE=1       rewrites what command-line cases expect
#   TIMEOUT=900    seconds per test       AT_ONCE=2    tests at a time
#
# Exit status of a test: 0 passed, 77 skipped (its last line says why), all else failed.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${MODE:=release}"
: "${BUILD:=build/$MODE}"
: "${TIMEOUT:=900}"
: "${AT_ONCE:=2}"
: "${TEST:=*}"
LOGS=$BUILD/test-logs

# Prints the file behind a test's name.
file_of() {
    case $1 in
    unit/*) echo "$BUILD/tests/test_${1#unit/}" ;;
    cli/*) echo "tests/$1.sh" ;;
    *) echo "tests/$1.sh" ;;
    esac
}

run_file() {
    case $1 in
    unit/*) "$(file_of "$1")" ;;
    cli/*) sh tests/cli/run.sh "$(file_of "$1")" ;;
    *) case $(head -n 1 "$(file_of "$1")") in
        *bash*) bash "$(file_of "$1")" ;;
        *) sh "$(file_of "$1")" ;;
        esac ;;
    esac
}

# One test: prints its line and adds it to the results.
run_one() {
    log=$LOGS/$(echo "$1" | tr / -).log
    TMP=$(mktemp -d "${TMPDIR:-/tmp}/dcmrisk-test.XXXXXX") || exit 1
    export TMP
    begin=$(date +%s.%N)
    timeout -k 10 "$TIMEOUT" sh tests/run.sh --file "$1" </dev/null >"$log" 2>&1
    code=$?
    seconds=$(echo "$begin $(date +%s.%N)" | awk '{ printf "%.1f", $2 - $1 }')
    chmod -R u+rwx "$TMP" 2>/dev/null
    rm -rf "$TMP"
    note=
    case $code in
    0) word=PASS ;;
    77) word=SKIP note=": $(tail -n 1 "$log")" ;;
    124 | 137) word=FAIL note=": over $TIMEOUT s" ;;
    *) word=FAIL note=": status $code" ;;
    esac
    line="$word $1 (${seconds} s)$note"
    echo "$line" >>"$LOGS/results"
    echo "$line"
}

case ${1-} in
--file)
    run_file "$2"
    exit
    ;;
--one)
    run_one "$2"
    exit
    ;;
esac

names() {
    for f in tests/oracle/*.sh; do echo "oracle/$(basename "$f" .sh)"; done
    for f in tests/web/*.sh; do echo "web/$(basename "$f" .sh)"; done
    for f in tests/unit/test_*.c; do
        b=$(basename "$f" .c)
        echo "unit/${b#test_}"
    done
    for f in tests/cli/*/*.sh; do
        f=${f#tests/}
        echo "${f%.sh}"
    done
}

unset MAKEFLAGS MFLAGS
export MODE BUILD TIMEOUT LC_ALL=C TZ=UTC
DCMRISK=$PWD/$BUILD/dcmrisk
MKCOHORT=$PWD/$BUILD/mkcohort
export DCMRISK MKCOHORT
export ASAN_OPTIONS="${ASAN_OPTIONS-detect_leaks=1:abort_on_error=0}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS-print_stacktrace=1}"
export TSAN_OPTIONS="${TSAN_OPTIONS-halt_on_error=0:exitcode=66}"

mkdir -p "$LOGS"
rm -f "$LOGS"/*.log
: >"$LOGS/results"
names | while read -r name; do
    # shellcheck disable=SC2254 # a pattern is wanted
    case $name in
    *'/*') ;; # nothing matched
    $TEST) echo "$name" ;;
    esac
done | xargs -r -P "$AT_ONCE" -I '{}' sh tests/run.sh --one '{}'

passed=$(grep -c '^PASS' "$LOGS/results")
failed=$(grep -c '^FAIL' "$LOGS/results")
skipped=$(grep -c '^SKIP' "$LOGS/results")
grep '^FAIL' "$LOGS/results" | while read -r _ name _; do
    echo "---- $name: end of $LOGS/$(echo "$name" | tr / -).log"
    tail -n 40 "$LOGS/$(echo "$name" | tr / -).log"
done
[ $((passed + failed + skipped)) -gt 0 ] || echo "no test matches '$TEST'"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
