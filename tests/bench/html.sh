#!/bin/sh
# The HTML page of a report of 50,000 studies, 2,600 attributes and 3,000 findings: CPU seconds of making
# it from its JSON (at most 3), bytes (at most 5 MB), and what opening it costs the page's main thread in
# Chromium (at most 2 s of CPU, the best of three; the time by the clock beside it).  Without Chromium, the
# first two.
# BUILD: where the programs are.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
# shellcheck source=tests/bench/common.sh
. "$here/common.sh"

heading 'The HTML page of 50,000 studies and 2,600 attributes'
"$mkcohort" "$top/tests/data/cohorts/demo.json" "$work/cohort" >/dev/null
"$dcmrisk" assess "$work/cohort/dicom" --out "$work/demo" --format json --quiet || [ $? -ne 4 ]
python3 "$top/tests/web/mutate.py" big "$work/demo/report.json" "$work/big.json" "$top/reports/report.schema.json"
python3 "$here/measure.py" --times 3 -- "$dcmrisk" report "$work/big.json" --format html --out "$work/big" \
    >"$work/measure"
read -r cpu _ _ <"$work/measure"
check 'made from JSON: CPU seconds' "$cpu" 3
check 'bytes' "$(wc -c <"$work/big/report.html")" 5000000
if sh "$top/tests/tools/web.sh"; then
    said=$(node "$top/tests/web/load.mjs" "$work/big/report.html")
    cpu=$(echo "$said" | sed -n 's/.*CPU \([0-9]*\) ms.*/\1/p')
    check 'opened in Chromium: CPU seconds of the page' "$(awk "BEGIN { print $cpu / 1000 }")" 2
    printf '    by the clock, while other work may go on: %s\n' "$said"
fi
exit "$failed"
