#!/bin/sh
# Real files of 18 public repositories, where they are at hand: what the program counts is what
# pydicom counts, and every file that was not read to its end has a reason that holds.
# usage: real_data.sh [ARCHIVE FOLDER]
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
data=${1:-$top/../shared/data}
[ -f "$data/unpack" ] || skip "no real files in ../shared/data"
needs pydicom
sh "$data/unpack" "$work" >/dev/null
code=0
timeout 100 "$dcmrisk" assess "$work/open" --out "$work/report" --scan "$work/scan" -q || code=$?
case $code in
1 | 3) ;; # such a mixture cannot pass
*)
    echo "assess ended with $code"
    exit 1
    ;;
esac
"$python" "$here/real_data.py" "$work/open" "$work/report/report.json" "$work/scan"
