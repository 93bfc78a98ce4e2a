#!/bin/sh
# Laws that hold whatever the data: the report does not depend on the order of work, on names of
# files, on interruptions or on the locale; a copy adds nobody; knowing more never hides anybody.
# usage: laws.sh [COUNT] [FIRST]
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
count=${1:-${LAWS:-30}}
first=${2:-5001}
"$python" "$here/laws.py" "$mkcohort" "$dcmrisk" "$specs" "$work" "$first" "$count"
