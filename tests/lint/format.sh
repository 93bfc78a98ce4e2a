#!/bin/sh
# .clang-format decides the layout of C; `make format` applies it.
set -u
find src include tests .packaging -name '*.c' -o -name '*.h' -o -name '*.cc' | sort |
    xargs clang-format --dry-run -Werror 2>&1 | sed -n 's/: error:.*//p' | cut -d: -f1 | uniq -c |
    awk '{ print $2 ": " $1 " places; run make format"; bad = 1 } END { exit bad }'
