#!/bin/sh
# Random CSV files of every form RFC 4180 allows, read by `dcmrisk table` and by Python's csv module:
# records, classes and every record's k are those of Python's own grouping.
# usage: csv.sh [COUNT] [FIRST]        TABLES: how many; needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
dcmrisk=${DCMRISK:-$build/dcmrisk}
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/csv.XXXXXX")
trap 'rm -rf "$work"' EXIT
python3 "$here/read_csv.py" "$dcmrisk" "$work" "${1:-${TABLES:-300}}" "${2:-1}"
