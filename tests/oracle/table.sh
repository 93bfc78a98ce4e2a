#!/bin/sh
# `dcmrisk table` against brute force over the definitions on random small tables; laws that hold
# whatever the table; tables with nothing in them.
# usage: table.sh [COUNT] [FIRST]        TABLES: how many
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
"$python" "$here/table.py" "$dcmrisk" "$work" "${1:-${TABLES:-300}}" "${2:-1}"
