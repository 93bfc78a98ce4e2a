#!/bin/sh
# Link keys of cohorts that were remapped by the published methods of de-identifiers, written
# anew in Python (hashlib, uuid, pydicom): told by their form, proven with --originals.
# usage: link_keys.sh      needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
/usr/bin/python3 -c 'import pydicom' 2>/dev/null || {
    echo "python3-pydicom is not installed"
    exit 77
}
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/link-keys.XXXXXX")
status=0
export PYTHONDONTWRITEBYTECODE=1
/usr/bin/python3 "$here/link_keys.py" "$build/mkcohort" "$build/dcmrisk" "$work" || status=$?
if [ "$status" -eq 0 ]; then
    rm -rf "$work"
else
    echo "what was found is in $work"
fi
exit $status
