#!/bin/sh
# Random clinical tables joined to random cohorts: every figure of the view any_exam by brute
# force over the definition.
# usage: clinical_table.sh [COUNT] [FIRST]
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
has pydicom || :
"$python" "$here/clinical_table.py" "$mkcohort" "$dcmrisk" \
    "$work" "${2:-8001}" "${1:-${CLINICAL:-40}}"
