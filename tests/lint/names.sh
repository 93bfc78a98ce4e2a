#!/bin/sh
# No file names a place of the machine it was written on.
set -u
top=$(pwd -P)
above=$(dirname "$top")
files=$(git ls-files -co --exclude-standard 2>/dev/null || find . -type f -not -path './build/*')
bad=0
for place in "$top" "$above/" "${HOME:-/}/"; do
    case $place in / | // | /tmp/ | /home/ | /usr/ | /root/) continue ;; esac
    hits=$(printf '%s\n' "$files" | tr '\n' '\0' | xargs -0 grep -lF -e "$place" 2>/dev/null)
    if [ -n "$hits" ]; then
        echo "a path of this machine in:"
        printf '%s\n' "$hits"
        bad=1
    fi
done
exit "$bad"
