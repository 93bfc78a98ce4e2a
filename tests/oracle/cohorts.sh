#!/bin/sh
# Random cohorts against the program: every figure must be that of the brute-force truth, and
# for every 50th cohort an intruder with pydicom must find the same candidates in the files.
# usage: cohorts.sh [COUNT] [FIRST]
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
has pydicom || :
count=${1:-${COHORTS:-1000}}
first=${2:-1}
status=0
"$python" "$here/compare_truth.py" --cohorts "$mkcohort" "$dcmrisk" "$work" "$first" "$count" ||
    status=1
n=$first
while [ "$n" -lt $((first + count)) ]; do
    "$mkcohort" --random "$n" "$work/i$n" > /dev/null
    code=0
    "$python" "$here/intruder.py" "$work/i$n/dicom" "$work/i$n/truth.json" || code=$?
    [ "$code" -ne 77 ] || break
    if [ "$code" -ne 0 ]; then
        echo "cohort $n: the intruder finds other candidates than the truth (kept in $work/i$n)"
        status=1
    else
        rm -rf "$work/i$n"
    fi
    n=$((n + 50))
done
exit $status
