#!/bin/sh
# Shards: whatever their number and the order they are merged in, the report is that of one scan, to
# the byte; what does not belong together is refused; a killed shard leaves a .part and goes on.
# usage: shards.sh [COUNT] [FIRST]
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
count=${1:-${SHARD_COHORTS:-6}}
first=${2:-7001}
"$python" "$here/shards.py" "$mkcohort" "$dcmrisk" "$specs" "$work" "$first" "$count"
