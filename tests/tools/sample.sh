#!/bin/sh
# Writes the sample reports: the demo cohort in every format there is.  They hold nothing of the
# machine: the time is fixed, versions of libraries are left out, and every format is made from
# the JSON alone.
# usage: sample.sh OUT | --formats        (BUILD: build folder of the program)
set -eu
: "${BUILD:=build/release}"
dcmrisk=${DCMRISK:-$BUILD/dcmrisk}
mkcohort=${MKCOHORT:-$BUILD/mkcohort}
here=$(cd "$(dirname "$0")" && pwd)
out=$1
formats=$("$dcmrisk" report --help | tr -s '\n ' ' ' |
    sed -n 's/.*--format LIST what to write: \([a-z, -]*\) \[.*/\1/p' | tr -d ' ')
[ -n "$formats" ]
[ "$out" != --formats ] || {
    echo "$formats"
    exit
}
project=$here/../../reports/sample/project.json
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dcmrisk-sample.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
export SOURCE_DATE_EPOCH=1796083200 # 2026-12-01
"$mkcohort" "$here/../data/cohorts/demo.json" "$tmp/cohort" >/dev/null
status=0
"$dcmrisk" assess "$tmp/cohort/dicom" --project "$project" --out "$tmp" --format json -q \
    >/dev/null || status=$?
[ "$status" -ne 2 ] && [ "$status" -lt 4 ] || exit 1
mkdir -p "$out"
sed '/^    "libraries": {$/,/^    }/{ /^      /d; }' "$tmp/report.json" >"$tmp/plain.json"
"$dcmrisk" report "$tmp/plain.json" --format "$formats" --out "$out"
