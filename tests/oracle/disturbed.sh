#!/bin/sh
# A scan under disks that fail or are full, files that change, move and vanish while they are read, and
# others at the same scan file: the status is true, no file is lost or counted twice, the scan file is
# sound, and the same command again ends with the report of an undisturbed scan.
# usage: disturbed.sh        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
mkcohort=${MKCOHORT:-$build/mkcohort}
dcmrisk=${DCMRISK:-$build/dcmrisk}
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/disturbed.XXXXXX")
${CC:-cc} -O1 -shared -fPIC -o "$work/faulty.so" "$here/../tools/faulty.c" -ldl
status=0
"$python" "$here/disturbed.py" "$mkcohort" "$dcmrisk" "$here/../data/cohorts/edge.json" "$work" || status=1
if [ "$status" -eq 0 ]; then
    rm -rf "$work"
else
    echo "what was found is in $work"
fi
exit $status
