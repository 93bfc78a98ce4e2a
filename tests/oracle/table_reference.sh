#!/bin/sh
# `dcmrisk table` on known tables against what sdcMicro, pyCANON, ARX and brute force said of them,
# where they lie in ../shared/reference.
# usage: table_reference.sh [REFERENCE]        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
dcmrisk=${DCMRISK:-$build/dcmrisk}
reference=${1:-$here/../../../shared/reference}
if [ ! -d "$reference/sdc/inputs" ]; then
    echo "skipped: no tables in ../shared/reference"
    exit 77
fi
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/table.XXXXXX")
trap 'rm -rf "$work"' EXIT
python3 "$here/table_reference.py" "$dcmrisk" "$reference" "$work"
