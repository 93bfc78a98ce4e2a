#!/bin/sh
# Random CSV files of every form RFC 4180 allows, read by `dcmrisk table` and by Python's csv module:
# records, classes and every record's k are those of Python's own grouping.
# usage: csv.sh [COUNT] [FIRST]        TABLES: how many
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
"$python" "$here/read_csv.py" "$dcmrisk" "$work" "${1:-${TABLES:-300}}" "${2:-1}"
