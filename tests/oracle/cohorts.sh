#!/bin/sh
# Random cohorts against the program: every figure must be that of the brute-force truth, and
# for every 50th cohort an intruder with pydicom must find the same candidates in the files.
# usage: cohorts.sh [COUNT] [FIRST]        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
mkcohort=${MKCOHORT:-$build/mkcohort}
dcmrisk=${DCMRISK:-$build/dcmrisk}
python=python3 # Debian's own has pydicom, another one may come first
python3 -c 'import pydicom' 2> /dev/null || [ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
count=${1:-${COHORTS:-1000}}
first=${2:-1}
work=$(mktemp -d "${TMPDIR:-/tmp}/cohorts.XXXXXX")
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
[ "$status" -ne 0 ] || rm -rf "$work"
exit $status
