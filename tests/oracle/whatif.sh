#!/bin/sh
# What-if figures of random cohorts: every change counted again from the files, and some of them
# really made, written as DICOM and assessed.
# usage: whatif.sh [COUNT] [FIRST]        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
python=python3 # Debian's own has pydicom, another one may come first
python3 -c 'import pydicom' 2> /dev/null || [ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/whatif.XXXXXX")
"$python" -W ignore "$here/whatif.py" "${MKCOHORT:-$build/mkcohort}" "${DCMRISK:-$build/dcmrisk}" \
    "$work" "${2:-1}" "${1:-${WHATIF_COHORTS:-12}}"
rm -rf "$work"
