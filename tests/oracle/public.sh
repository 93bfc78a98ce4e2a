#!/bin/sh
# The public edition of reports (--audience public) before an intruder who knows how it is made: no count of
# fewer than k patients comes back by subtraction.  It is valid, the same whichever way it is made, and its own edition.
# usage: public.sh [COUNT] [FIRST]        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
mkcohort=${MKCOHORT:-$build/mkcohort}
dcmrisk=${DCMRISK:-$build/dcmrisk}
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/public.XXXXXX")
status=0
export PYTHONDONTWRITEBYTECODE=1
"$python" "$here/public.py" "$mkcohort" "$dcmrisk" "$here/../.." "$work" "${2:-1}" "${1:-${COHORTS:-16}}" || status=1
if [ "$status" -eq 0 ]; then
    rm -rf "$work"
else
    echo "what was found is in $work"
fi
exit $status
