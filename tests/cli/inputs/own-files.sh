# What a run writes into its input is no content of the dataset: the next run finds the same, to the
# byte.  All else in those folders is read: by name alone nothing is passed over.
export SOURCE_DATE_EPOCH=0
mkdir data
printf 'Name: someone\n' >data/notes.txt
cd data || exit
files() {
    python3 -c 'import json, sys; d = json.load(open(sys.argv[1]))["dataset"]; print(d["files"], "files,", d["unreadable_files"], "unread")' "$1/report.json"
}
run() {
    "$DCMRISK" assess . -q "$@" || :
}
run --scan here.scan --format json,html
files dcmrisk-report
cp dcmrisk-report/report.json ../first.json
run --scan here.scan --format json,html
cmp dcmrisk-report/report.json ../first.json
echo '# a list that names them'
find . -type f | "$DCMRISK" assess - -q --scan here2.scan
files dcmrisk-report
echo '# style, script and the manifest too'
for _ in first second; do
    "$DCMRISK" assess . -q --scan here.scan --out risk --html-assets look --manifest list.sha256 || :
    files risk
done
rm -r risk list.sha256
echo '# other files beside them, and the same names elsewhere'
ln -s here.scan link.scan
cp notes.txt dcmrisk-report/other.txt
mkdir sub
cp notes.txt sub/report.json
ln notes.txt sub/here.scan
run --scan link.scan --format json,html
files dcmrisk-report
echo '# a file under two names: one of them is written over, the other is content'
rm dcmrisk-report/report.json link.scan
ln notes.txt dcmrisk-report/report.json
run --scan here.scan --format json,html
files dcmrisk-report
cat notes.txt
echo '# scan does the same'
"$DCMRISK" scan sub -o sub/s && "$DCMRISK" scan sub -o sub/s
