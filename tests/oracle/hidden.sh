#!/bin/sh
# The search for hidden identifiers: p-values of its permutation test worked out again, and rows of
# its power table simulated anew, both without the program's code.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
HIDDEN_CASES=$work/cases "$build/tests/test_hidden" >"$work/log" 2>&1 || {
    cat "$work/log"
    exit 1
}
"$python" "$here/hidden_deals.py" "$work/cases"
"$python" "$here/hidden_power.py" "$top/rules" --check
