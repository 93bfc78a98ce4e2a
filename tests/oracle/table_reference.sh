#!/bin/sh
# `dcmrisk table` on known tables against what sdcMicro, pyCANON, ARX and brute force said of them,
# where they lie in ../shared/reference.
# usage: table_reference.sh [REFERENCE]
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
reference=${1:-$top/../shared/reference}
[ -d "$reference/sdc/inputs" ] || skip "no tables in ../shared/reference"
"$python" "$here/table_reference.py" "$dcmrisk" "$reference" "$work"
