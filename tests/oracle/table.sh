#!/bin/sh
# `dcmrisk table` against brute force over the definitions on random small tables; laws that hold
# whatever the table; tables with nothing in them.
# usage: table.sh [COUNT] [FIRST]        TABLES: how many; needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
dcmrisk=${DCMRISK:-$build/dcmrisk}
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/table.XXXXXX")
status=0
python3 "$here/table.py" "$dcmrisk" "$work" "${1:-${TABLES:-300}}" "${2:-1}" || status=1
if [ "$status" -eq 0 ]; then
    rm -rf "$work"
else
    echo "what was found is in $work"
fi
exit $status
