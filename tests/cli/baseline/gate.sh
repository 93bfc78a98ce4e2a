# --baseline: fails only on what is new or worse.  The cohort has 12 people in every class, so that a
# policy of 13 fails.
"$MKCOHORT" "$TOP/tests/data/cohorts/clean.json" c >/dev/null
sed 's/"k": 11/"k": 13/' "$TOP/rules/policies/public-release.json" >thirteen.json
try() {
    "$DCMRISK" assess c/dicom -q --out "$@"
    echo "status $?"
}
try old --policy thirteen.json
try new --policy thirteen.json --baseline old/report.json --format json,text,junit,sarif,markdown
sed -n 1,3p new/report.txt
grep -c '<skipped' new/junit.xml
[ "$(grep -c '"baselineState"' new/report.sarif)" = "$(grep -c '"ruleId"' new/report.sarif)" ] ||
    echo "not every result says how it stands to the baseline"
grep -c 'Held against a baseline' new/report.md
# The formats say so from the JSON alone.
"$DCMRISK" report new/report.json --format text,junit,sarif,markdown --out again
for f in report.txt junit.xml report.sarif report.md; do cmp "new/$f" "again/$f"; done
# A baseline of a baseline is no higher.
try newer --policy thirteen.json --baseline new/report.json
# What is no baseline is refused, before anything is scanned or written.
try other --policy public-release --baseline old/report.json
sed 's/"unreadable_files": 0/"unreadable_files": 1/' old/report.json >partial.json
try other --policy thirteen.json --baseline partial.json
sed 's/"show_paths"/"audience": "public", "show_paths"/' old/report.json >public.json
try other --policy thirteen.json --baseline public.json
printf '{"schema": "dcmrisk-report/1"}' >short.json
try other --policy thirteen.json --baseline short.json
try other --policy thirteen.json --baseline missing.json
[ ! -e other ] || echo "something was written"
