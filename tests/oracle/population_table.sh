#!/bin/sh
# Journalist and marketer risk, k-map and delta-presence of random cohorts against random
# registers of a population, by brute force over the definitions.
# usage: population_table.sh [COUNT] [FIRST]
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
has pydicom || :
"$python" "$here/population_table.py" "$mkcohort" "$dcmrisk" \
    "$work" "${2:-7001}" "${1:-${REGISTERS:-60}}"
