# "1 patient", never "1 patients": one file of one patient, in all formats and on standard output.
"$MKCOHORT" "$TOP/tests/data/cohorts/demo.json" c >/dev/null
mkdir in
cp "$(find c/dicom -name '*.dcm' | sort | head -n 1)" in/one
"$DCMRISK" assess in --out o --format json,html,annex,markdown,text,sarif,junit >o.txt
"$DCMRISK" assess in --out p --audience public --format json,html,annex,markdown,text,sarif,junit >p.txt
"$DCMRISK" inspect in 'PatientID' >inspect.txt
"$DCMRISK" scan in -o scan 2>scan.txt
"$DCMRISK" merge scan -o merged 2>merge.txt
# The words are those of the list; what they belong to may be in bold, or behind a space that does not break.
sed -n 's/^    {"\([A-Za-z ]*\)", ".*/\1/p' "$TOP/src/base/plural.c" >words
[ "$(wc -l <words)" -gt 20 ] || echo "no words"
many=$(tr '\n' '|' <words | sed 's/|$//')
for f in o/* p/* ./*.txt; do
    sed -e 's|</\{0,1\}b>||g' -e 's/<[^>]*>/|/g' -e 's/\xc2\xa0/ /g' -e 's/[*_]//g' "$f" | tr -s ' ' |
        grep -oE "(^|[^0-9.,>] |\")1 ($many)([ .,;)\"]|\$).*" | cut -c1-60 | sed "s|^|$f: |"
done
