#!/bin/sh
# Every script under shellcheck.
set -u
bad=0
{
    find src tests -name '*.sh' -not -path 'tests/cli/*/*'
    find .packaging .github -name '*.sh' 2>/dev/null
    [ ! -f .ci/run ] || echo .ci/run
    echo src/cli/completion.bash
} | sort | xargs shellcheck -x -S style || bad=1
# Cases of the command line are plain sh and start with what they are about.
find tests/cli -mindepth 2 -name '*.sh' | sort | xargs -r shellcheck -s sh -S style || bad=1
exit "$bad"
