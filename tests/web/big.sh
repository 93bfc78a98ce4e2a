#!/bin/sh
# A report of 50,000 studies, 2,600 attributes and 3,000 findings: its page keeps to 5 MB, 2,000 rows of
# attributes and 200 on paper, says what it left out, and opens in Chromium (`make bench` holds the time
# it takes to its limit).  The same with texts that grow when they are escaped: 5 MB still.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
: "${MODE:=release}" "${BUILD:=build/$MODE}"
: "${TMP:=$(mktemp -d)}"
: "${DCMRISK:=$top/$BUILD/dcmrisk}" "${MKCOHORT:=$top/$BUILD/mkcohort}"
export SOURCE_DATE_EPOCH=1790000000

fail() {
    echo "$1"
    exit 1
}

holds() { # page xpath value
    found=$(xmllint --huge --xpath "$2" "$1")
    [ "$found" = "$3" ] || fail "$1: $2 is '$found', not '$3'"
}

"$MKCOHORT" "$top/tests/data/cohorts/demo.json" "$TMP/cohort" >/dev/null
"$DCMRISK" assess "$TMP/cohort/dicom" --out "$TMP/demo" --format json --quiet || [ $? -ne 4 ]
for kind in big huge; do
    python3 "$here/mutate.py" "$kind" "$TMP/demo/report.json" "$TMP/$kind.json" \
        "$top/reports/report.schema.json"
    "$DCMRISK" report "$TMP/$kind.json" --out "$TMP/$kind"
    bytes=$(wc -c <"$TMP/$kind/report.html")
    [ "$bytes" -le 5000000 ] || fail "$kind: $bytes bytes"
    echo "$kind: $bytes bytes"
    # Every link has an aim, whatever was left out.
    holds "$TMP/$kind/report.html" 'count(//a[not(substring(@href, 2) = //@id)])' 0
    rm "$TMP/$kind.json"
done
page=$TMP/big/report.html
holds "$page" 'count(//table[@id="ft"]/tbody)' 2000
holds "$page" 'count(//table[@id="ft"]/tbody[@class="f"])' 200
holds "$page" 'contains(//section[@id="attributes"], "2000 of 2600 attributes are listed")' true
holds "$page" 'contains(//section[@id="findings"], "more are in report.json")' true
holds "$page" 'contains(//section[@id="where"], "Shown: 24 of 40 sites")' true
# No map is more than 24 by 24, so that it can be read.
holds "$page" 'count(//svg[contains(@class, "hm")][count(.//rect) > 2 * 24 * 24])' 0
[ "$MODE" = release ] || exit 0

sh "$top/tests/tools/web.sh"
node "$here/load.mjs" "$page"
