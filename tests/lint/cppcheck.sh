#!/bin/sh
# cppcheck with settings that take seconds.  It takes every enumerator for an int, so overflow is
# left to the sanitiser.
exec cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
    --suppress=missingIncludeSystem --suppress=integerOverflow --suppress=normalCheckLevelMaxBranches \
    --error-exitcode=1 -D_GNU_SOURCE -Iinclude -Isrc/base -j 2 --template='{file}:{line}: {id}: {message}' src
