#!/bin/sh
# Every rule on a generated cohort: finds exactly what was planted, keeps still where nothing was.
# usage: planted.sh [RULE...]        needs BUILD (build/release by default), pydicom
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
python=python3 # Debian's own has pydicom, another one may come first
python3 -c 'import pydicom' 2> /dev/null || [ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
"$python" -c 'import pydicom' 2> /dev/null || {
    echo "pydicom is not there"
    exit 77
}
# Acceptances hold for a time: today is 2026-10-01.
export SOURCE_DATE_EPOCH=1790812800
work=$(mktemp -d "${TMPDIR:-/tmp}/planted.XXXXXX")
status=0
"$python" "$here/planted.py" "${MKCOHORT:-$build/mkcohort}" "${DCMRISK:-$build/dcmrisk}" "$work" "$@" || status=1
rm -rf "$work"
exit $status
