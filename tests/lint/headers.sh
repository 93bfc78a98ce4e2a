#!/bin/sh
# Every header compiles alone, as C11 and as C++17, and has a guard and a first line that says
# what it is for.
set -u
: "${CC:=gcc}" "${CXX:=g++}"
bad=0
one() { # compiler language standard header
    dir=$(dirname "$4")
    # shellcheck disable=SC2086 # flags are a list
    if ! out=$(printf '#include "%s"\n' "$4" | $1 -x "$2" -std="$3" -fsyntax-only -Wall -Wextra \
        -Werror -D_GNU_SOURCE -I. -Iinclude -Ibuild/gen -Isrc/base -Isrc/store -Isrc/input \
        -I"$dir" -I/usr/include/libxml2 - 2>&1); then
        echo "$4 does not compile alone as $3"
        printf '%s\n' "$out" | head -n 5
        return 1
    fi
}
for h in include/dcmrisk/*.h src/*/*.h; do
    [ -f "$h" ] || continue
    one "$CC" c c11 "$h" || bad=1
    one "$CXX" c++ c++17 "$h" || bad=1
    head -n 1 "$h" | grep -q '^/\*' || {
        echo "$h: its first line does not say what it is for"
        bad=1
    }
    grep -q '^#ifndef DC' "$h" || {
        echo "$h: no guard"
        bad=1
    }
done
exit "$bad"
