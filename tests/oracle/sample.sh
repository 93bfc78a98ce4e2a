#!/bin/sh
# The sample reports in reports/sample are those that this program writes of the demo cohort:
# the JSON figure by figure, every format made from the kept JSON to the byte, no file too many,
# and the first screen of the README says what it says.  `make sample` writes them anew.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
kept=$top/reports/sample
export BUILD="$build"
sh "$top/tests/tools/sample.sh" "$work/new"
"$python" "$top/tests/oracle/sample.py" "$kept" "$work/new" "$top/README.md"
# A format is a function of the JSON alone, so the kept JSON makes the kept files anywhere.
formats=$(sh "$top/tests/tools/sample.sh" --formats)
"$dcmrisk" report "$kept/report.json" --format "$formats" --out "$work/again"
status=0
for f in "$work/again"/*; do
    cmp "$kept/$(basename "$f")" "$f" || status=1
done
[ "$status" -eq 0 ] || echo "reports/sample is of another version: make sample"
exit "$status"
