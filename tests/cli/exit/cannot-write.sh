# What could not be written is status 4 with a word that says what and why, once; no half of a report
# takes the place of the last one.
[ -w /dev/full ] || exit 77
"$MKCOHORT" "$TOP/tests/data/cohorts/clean.json" c >/dev/null
"$DCMRISK" assess c/dicom --out o --format json -q
cp o/report.json old.json
status() {
    echo "status $1: $2"
}
"$DCMRISK" assess c/dicom --out o >/dev/full
status $? "full standard output"
(
    trap '' PIPE
    "$DCMRISK" assess c/dicom --out o
    status $? "closed pipe" >&2
) | true
"$DCMRISK" assess c/dicom --out o -q --summary /dev/full
status $? "full summary"
"$DCMRISK" assess c/dicom --out o -q --summary missing/summary.md
status $? "no folder for the summary"
"$DCMRISK" assess c/dicom --out old.json -q
status $? "a file for a folder"
for f in json html text sarif junit markdown; do
    "$DCMRISK" report old.json --format $f --out - >/dev/full
    status $? "report $f, full standard output"
done
# A file may have 8 blocks of 512 bytes, and the signal that comes with that ends nobody: the old report
# stays whole.
cp old.json o/report.json
(
    ulimit -f 8
    "$DCMRISK" report old.json --format json,sarif --out o
    status $? "full disk"
    "$DCMRISK" scan c/dicom -o s.scan -q
    status $? "scan file without room"
)
cmp old.json o/report.json && ls -A o
