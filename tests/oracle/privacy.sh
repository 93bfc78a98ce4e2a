#!/bin/sh
# No value of a patient leaves the program without --show-values, however hostile it is; what
# --show-values prints is harmless and readable by its owner only.
# usage: privacy.sh        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
mkcohort=${MKCOHORT:-$build/mkcohort}
dcmrisk=${DCMRISK:-$build/dcmrisk}
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/privacy.XXXXXX")
status=0
export PYTHONDONTWRITEBYTECODE=1
"$python" "$here/privacy.py" "$mkcohort" "$dcmrisk" "$here/../data/cohorts" "$work" || status=$?
if [ "$status" -eq 0 ]; then
    rm -rf "$work"
else
    echo "what was found is in $work"
fi
exit $status
