#!/bin/sh
# An npm package of one exact version, unpacked below build/npm without running anything of it.
# Prints its folder; exits 77 with the reason where npm or the package is not to be had.
# usage: npm.sh NAME@VERSION
set -eu
spec=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=$top/build/npm/$(printf '%s' "$spec" | tr '/@' '__')
if [ ! -d "$dir/package" ]; then
    command -v npm >/dev/null 2>&1 || {
        echo "npm is not installed"
        exit 77
    }
    mkdir -p "$dir"
    new=$(mktemp -d "$dir/new.XXXXXX")
    (cd "$new" && timeout 120 npm pack --silent "$spec" >/dev/null 2>&1 && tar xzf ./*.tgz) || {
        rm -rf "$new"
        echo "npm could not get $spec"
        exit 77
    }
    # Two tests at once: the first to come stays.
    mv -T "$new/package" "$dir/package" 2>/dev/null || [ -d "$dir/package" ]
    rm -rf "$new"
fi
echo "$dir/package"
