#!/bin/sh
# What-if figures of random cohorts: every change counted again from the files, and some of them
# really made, written as DICOM and assessed.
# usage: whatif.sh [COUNT] [FIRST]
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
has pydicom || :
"$python" -W ignore "$here/whatif.py" "$mkcohort" "$dcmrisk" \
    "$work" "${2:-1}" "${1:-${WHATIF_COHORTS:-12}}"
