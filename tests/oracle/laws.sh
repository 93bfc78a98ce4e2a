#!/bin/sh
# Laws that hold whatever the data: the report does not depend on the order of work, on names of
# files, on interruptions or on the locale; a copy adds nobody; knowing more never hides anybody.
# usage: laws.sh [COUNT] [FIRST]        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
mkcohort=${MKCOHORT:-$build/mkcohort}
dcmrisk=${DCMRISK:-$build/dcmrisk}
count=${1:-${LAWS:-30}}
first=${2:-5001}
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/laws.XXXXXX")
status=0
"$python" "$here/laws.py" "$mkcohort" "$dcmrisk" "$here/../data/cohorts" "$work" "$first" "$count" ||
    status=1
if [ "$status" -eq 0 ]; then
    rm -rf "$work"
else
    echo "what was found is in $work"
fi
exit $status
