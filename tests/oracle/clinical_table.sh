#!/bin/sh
# Random clinical tables joined to random cohorts: every figure of the view any_exam by brute
# force over the definition.
# usage: clinical_table.sh [COUNT] [FIRST]        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
python=python3 # Debian's own has pydicom, another one may come first
python3 -c 'import pydicom' 2> /dev/null || [ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/clinical.XXXXXX")
status=0
"$python" "$here/clinical_table.py" "${MKCOHORT:-$build/mkcohort}" "${DCMRISK:-$build/dcmrisk}" \
    "$work" "${2:-8001}" "${1:-${CLINICAL:-40}}" || status=$?
[ "$status" -eq 1 ] || rm -rf "$work"
exit $status
