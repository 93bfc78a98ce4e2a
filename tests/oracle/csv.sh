#!/bin/sh
# The reader of CSV against Python's csv module: random tables in every form RFC 4180 allows,
# across the edges of blocks, and the same broken at random.
# usage: csv.sh        CSVS: how many random tables (60)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dcmrisk=${DCMRISK:-${BUILD:-build/release}/dcmrisk}
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/csv.XXXXXX")
python3 "$here/csv_forms.py" "$dcmrisk" "$work" "${CSVS:-60}"
rm -rf "$work"
