#!/bin/sh
# What three de-identifiers leave with their default settings, and the marks of twelve: each row that
# is left is found, each that is clean is left alone, each tool is told from the others.
# usage: deidentifiers.sh        needs BUILD (build/release by default), pydicom
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
python=python3 # Debian's own has pydicom, another one may come first
python3 -c 'import pydicom' 2> /dev/null || [ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
"$python" -c 'import pydicom' 2> /dev/null || {
    echo "pydicom is not there"
    exit 77
}
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/deidentifiers.XXXXXX")
status=0
export PYTHONDONTWRITEBYTECODE=1
"$python" "$here/deidentifiers.py" "${DCMRISK:-$build/dcmrisk}" "$work" || status=1
rm -rf "$work"
exit $status
