#!/bin/sh
# Shards: whatever their number and the order they are merged in, the report is that of one scan, to
# the byte; what does not belong together is refused; a killed shard leaves a .part and goes on.
# usage: shards.sh [COUNT] [FIRST]        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
mkcohort=${MKCOHORT:-$build/mkcohort}
dcmrisk=${DCMRISK:-$build/dcmrisk}
count=${1:-${SHARD_COHORTS:-6}}
first=${2:-7001}
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/shards.XXXXXX")
status=0
"$python" "$here/shards.py" "$mkcohort" "$dcmrisk" "$here/../data/cohorts" "$work" "$first" "$count" ||
    status=1
if [ "$status" -eq 0 ]; then
    rm -rf "$work"
else
    echo "what was found is in $work"
fi
exit $status
