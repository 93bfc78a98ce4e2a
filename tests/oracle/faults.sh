#!/bin/sh
# Files that break readers, full disks, forbidden folders: every file is accounted for with a true
# reason, nothing hangs, nothing passes that was not read, no worker grows beyond its bound.
# usage: faults.sh        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
mkcohort=${MKCOHORT:-$build/mkcohort}
dcmrisk=${DCMRISK:-$build/dcmrisk}
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/faults.XXXXXX")
status=0
"$python" "$here/faults.py" "$mkcohort" "$dcmrisk" "$here/../data/cohorts/clean.json" "$work" ||
    status=1
if [ "$status" -eq 0 ]; then
    rm -rf "$work"
else
    echo "what was found is in $work"
fi
exit $status
