#!/bin/sh
# No file grows past 700 lines (600 is said aloud), no test datum past 15 kB.
set -u
bad=0
for f in $(find src include tests -name '*.c' -o -name '*.cc' -o -name '*.h' -o -name '*.sh' \
    -o -name '*.py' | sort); do
    n=$(wc -l <"$f")
    if [ "$n" -gt 700 ]; then
        echo "$f: $n lines, over 700"
        bad=1
    elif [ "$n" -gt 600 ]; then
        echo "$f: $n lines, over 600 (a warning)"
    fi
done
big=$(find tests/data -type f -size +15k 2>/dev/null)
[ -z "$big" ] || {
    echo "over 15 kB: $big"
    bad=1
}
exit "$bad"
