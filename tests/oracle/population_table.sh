#!/bin/sh
# Journalist and marketer risk, k-map and delta-presence of random cohorts against random
# registers of a population, by brute force over the definitions.
# usage: population_table.sh [COUNT] [FIRST]        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
python=python3 # Debian's own has pydicom, another one may come first
python3 -c 'import pydicom' 2> /dev/null || [ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/population.XXXXXX")
status=0
"$python" "$here/population_table.py" "${MKCOHORT:-$build/mkcohort}" "${DCMRISK:-$build/dcmrisk}" \
    "$work" "${2:-7001}" "${1:-${REGISTERS:-60}}" || status=$?
[ "$status" -eq 1 ] || rm -rf "$work"
exit $status
