#!/bin/sh
# Every HTML page the program writes, in a browser and before the Nu validator (web.mjs says what is
# looked at): of the demo cohort, of an empty dataset, of one that passes, of a report whose every
# text is hostile, of the public edition, and of one whose numbers are all kept back.  Under a sanitiser the pages are only
# written and parsed: they are the same.
#
# Skipped where no browser can be had, unless WEB=required (.ci/run).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
: "${MODE:=release}" "${BUILD:=build/$MODE}"
: "${TMP:=$(mktemp -d)}"
: "${DCMRISK:=$top/$BUILD/dcmrisk}" "${MKCOHORT:=$top/$BUILD/mkcohort}"
export SOURCE_DATE_EPOCH=1790000000

[ "$MODE" != release ] || sh "$top/tests/tools/web.sh"

# All formats but JSON, which is there: the pages are *.html of whichever format.
formats=$(basename -a "$top"/src/report/format_*.c | sed 's/^format_//; s/\.c$//' |
    grep -vx json | paste -sd, -)

assess() { # folder cohort
    "$DCMRISK" assess "$2" --out "$TMP/$1" --format json --quiet || [ $? -ne 4 ]
    "$DCMRISK" report "$TMP/$1/report.json" --format "$formats" --out "$TMP/$1"
}

mutate() { # kind
    python3 "$here/mutate.py" "$1" "$TMP/demo/report.json" "$TMP/$1.json" \
        "$top/reports/report.schema.json"
    "$DCMRISK" report "$TMP/$1.json" --format "$formats" --out "$TMP/$1"
}

mkdir "$TMP/nothing"
"$MKCOHORT" "$top/tests/data/cohorts/demo.json" "$TMP/cohort-demo" >/dev/null
"$MKCOHORT" "$top/tests/data/cohorts/clean.json" "$TMP/cohort-clean" >/dev/null
assess demo "$TMP/cohort-demo/dicom"
assess passing "$TMP/cohort-clean/dicom"
assess empty "$TMP/nothing"
mutate hostile
mutate nulls
"$DCMRISK" report "$TMP/demo/report.json" --audience public --format "$formats" --out "$TMP/public"
"$DCMRISK" report "$TMP/demo/report.json" --format html --out "$TMP/split" --html-assets 'a b/&"'

for kind in demo:INCONCLUSIVE passing:PASS empty:INCONCLUSIVE; do
    grep -q "<title>${kind#*:}: " "$TMP/${kind%:*}/report.html" || {
        echo "${kind%:*}: the title does not start with ${kind#*:}"
        exit 1
    }
done
xmllint --noout --huge "$TMP"/*/*.html
[ "$MODE" = release ] || exit 0

mkdir "$TMP/alone"
mv "$TMP/split" "$TMP/alone"
java -jar "$(node "$here/browser.mjs")" --errors-only "$TMP"/*/*.html "$TMP/alone/split/report.html" >"$TMP/vnu" 2>&1 &
validator=$!
status=0
node "$here/web.mjs" --split "$TMP/alone/split/report.html" 'a b/&"' "$TMP/demo/report.html" \
    "$TMP"/*/*.html || status=1
wait "$validator" || {
    echo "Nu validator:"
    cut -c1-400 "$TMP/vnu" | head -n 40
    status=1
}
exit "$status"
