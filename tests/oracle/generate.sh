#!/bin/sh
# The generated files of rules/ are what generate.py makes of the tables of standards facts, to the
# byte: a table changed by hand, or a script changed without its tables, shows here.
# usage: generate.sh [STANDARDS_DIR]
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
standards=${1:-${STANDARDS:-$top/../shared/standards}}
[ -d "$standards" ] || skip "no tables of standards facts in ../shared/standards"
"$python" "$top/rules/generate.py" "$standards" "$work"
bad=0
n=0
for f in "$work"/*.json; do
    n=$((n + 1))
    name=$(basename "$f")
    if ! cmp -s "$f" "$top/rules/$name"; then
        echo "rules/$name is not what generate.py makes:"
        diff "$f" "$top/rules/$name" | cut -c1-160 | head -n 6
        bad=$((bad + 1))
    fi
    # README.md of rules/ says who makes what.
    grep -q "$name.*generate.py" "$top/rules/README.md" || {
        echo "rules/README.md does not say that generate.py makes $name"
        bad=$((bad + 1))
    }
done
echo "generate: $n files, $bad problems"
[ "$n" -ge 10 ] && [ "$bad" -eq 0 ]
