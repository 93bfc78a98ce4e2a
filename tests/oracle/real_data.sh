#!/bin/sh
# Real files of 18 public repositories, where they are at hand: what the program counts is what
# pydicom counts, and every file that was not read to its end has a reason that holds.
# usage: real_data.sh [ARCHIVE FOLDER]        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
dcmrisk=${DCMRISK:-$build/dcmrisk}
data=${1:-$here/../../../shared/data}
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
if [ ! -f "$data/unpack" ]; then
    echo "skipped: no real files in ../shared/data"
    exit 77
fi
if ! "$python" -c 'import pydicom' 2>/dev/null; then
    echo "skipped: no pydicom"
    exit 77
fi
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/real.XXXXXX")
trap 'rm -rf "$work"' EXIT
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
