#!/bin/sh
# The public edition of reports (--audience public) before an intruder who knows how it is made: no count of
# fewer than k patients comes back by subtraction.  It is valid, the same whichever way it is made, and its own edition.
# usage: public.sh [COUNT] [FIRST]
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
"$python" "$here/public.py" "$mkcohort" "$dcmrisk" "$top" "$work" "${2:-1}" "${1:-${COHORTS:-16}}"
