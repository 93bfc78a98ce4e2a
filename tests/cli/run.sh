#!/bin/sh
# Runs one command-line case and compares what it prints and how it ends.
# usage: run.sh CASE.sh
#
# CASE.sh runs in an empty folder.  Beside it stand CASE.out, CASE.err (absent: empty) and
# CASE.exit (absent: 0).  It finds $DCMRISK (the program), $MKCOHORT, $TOP (the project) and
# $JOBS.  A case with a line "# jobs" runs twice, with JOBS=1 and JOBS=4, and must do the same.
# UPDATE=1 writes what it did to those files instead; read the diff before you keep it.
set -u
case_file=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
base=${case_file%.sh}
TOP=$(cd "$(dirname "$0")/../.." && pwd)
TMP=${TMP:-$(mktemp -d "${TMPDIR:-/tmp}/dcmrisk-test.XXXXXX")}
export TOP TMP LC_ALL=C TERM=dumb
unset NO_COLOR POSIXLY_CORRECT SOURCE_DATE_EPOCH
status=0

# compare KIND: expected file against what was seen; a missing file is empty.
compare() {
    want=$base.$1
    [ -f "$want" ] || want=/dev/null
    if [ -n "${UPDATE-}" ]; then
        if [ -s "$TMP/$1" ]; then cp "$TMP/$1" "$base.$1"; else rm -f "$base.$1"; fi
    elif ! diff -u "$want" "$TMP/$1"; then
        echo "(above: $1, with JOBS=$JOBS)"
        status=1
    fi
}

jobs=2
grep -q '^# jobs' "$case_file" && jobs='1 4'
for JOBS in $jobs; do
    export JOBS
    scratch=$TMP/scratch-$JOBS
    mkdir "$scratch" || exit 1
    (cd "$scratch" && sh "$case_file") >"$TMP/out" 2>"$TMP/err" </dev/null
    code=$?
    if [ "$code" -eq 77 ]; then
        cat "$TMP/out"
        exit 77
    fi
    if [ "$code" -eq 0 ]; then : >"$TMP/exit"; else echo "$code" >"$TMP/exit"; fi
    for kind in out err exit; do compare "$kind"; done
done
exit "$status"
