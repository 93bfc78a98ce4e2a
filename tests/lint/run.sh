#!/bin/sh
# Runs every check beside it.  A check prints what is wrong and fails.
set -u
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C
passed=0
failed=0
for check in tests/lint/*.sh; do
    name=$(basename "$check" .sh)
    [ "$name" = run ] && continue
    if out=$(sh "$check" 2>&1); then
        echo "PASS lint/$name"
        passed=$((passed + 1))
    else
        echo "FAIL lint/$name"
        failed=$((failed + 1))
    fi
    [ -z "$out" ] || printf '%s\n' "$out" | sed 's/^/    /'
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
