#!/bin/sh
# What several exams of one patient give away, against brute force over the files: random cohorts,
# cohorts of many exams in a narrow calendar, and the table of METRICS.md 2.5 where it lies in
# ../shared (LONGITUDINAL_TABLE).
# usage: longitudinal.sh [COUNT]
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
has pydicom || :
table=${LONGITUDINAL_TABLE:-$top/../shared/reference/sdc/inputs/dicom_like_studies.csv}
count=${1:-${LONGITUDINAL:-60}}
status=0

try() {
    code=0
    "$python" "$here/longitudinal.py" "$@" || code=$?
    [ "$code" -ne 77 ] || exit 77
    [ "$code" -eq 0 ] || status=1
}

try traces "$dcmrisk" "$work/traces" 1 "$count"
try random "$mkcohort" "$dcmrisk" "$work/random" 7001 $((count / 10 + 1))
if [ -f "$table" ]; then
    mkdir "$work/table"
    try table "$dcmrisk" "$work/table" "$table"
else
    echo "the table of METRICS.md 2.5 is not here: that part is left out"
fi
exit "$status"
