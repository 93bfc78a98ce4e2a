#!/bin/sh
# The search for hidden identifiers: p-values of its permutation test worked out again, and rows of
# its power table simulated anew, both without the program's code.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
tmp=${TMP:-$(mktemp -d)}
HIDDEN_CASES=$tmp/cases "$build/tests/test_hidden" >"$tmp/log" 2>&1 || {
    cat "$tmp/log"
    exit 1
}
python3 "$here/hidden_deals.py" "$tmp/cases"
python3 "$here/hidden_power.py" "$here/../../rules" --check
