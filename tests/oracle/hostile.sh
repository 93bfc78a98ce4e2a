#!/bin/sh
# A cohort whose every string is hostile, through every command and format: what comes out is well-formed and inert.
# usage: hostile.sh        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
dcmrisk=${DCMRISK:-$build/dcmrisk}
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/hostile.XXXXXX")
status=0
export PYTHONDONTWRITEBYTECODE=1
"$python" "$here/hostile.py" "$dcmrisk" "$work" || status=1
if [ "$status" -eq 0 ]; then
    rm -rf "$work"
else
    echo "what was found is in $work"
fi
exit $status
