# Style and script as files: below --out alone, linked to, the page without inline style; the same as
# what stands in the single page; nothing is written when the folder is not one below --out.
cp "$TOP/tests/web/sample.json" r.json
"$DCMRISK" report r.json --format html,json --out o --html-assets 'x y/z'
(cd o && find . -type f | sort)
grep -o '<link [^>]*>' o/report.html
grep -o '<script[^>]*>' o/report.html
grep -c '<style' o/report.html
grep -o "style-src '[a-z]*'; script-src '[a-z]*'" o/report.html
"$DCMRISK" report r.json --format html --out one
cmp "$TOP/reports/report.css" "o/x y/z/report.css"
cmp "$TOP/reports/report.js" "o/x y/z/report.js"
# Without style, script and what names them, both pages are the same.
plain() {
    tr -d '\n' <"$1" | sed 's/<style>.*<\/style>//; s/<link [^>]*>//; s/<script.*<\/script>//;
        s/<meta http-equiv="Content-Security-Policy"[^>]*>//'
}
plain o/report.html >a
plain one/report.html >b
cmp a b && echo same
# The annex has style of its own beside the same.
"$DCMRISK" report r.json --format annex --out annex --html-assets x
(cd annex && find . -type f | sort)
grep -o '<link [^>]*>' annex/annex.html
cmp "$TOP/reports/annex.css" annex/x/annex.css
# Without --format html there is nothing to lie beside.
"$DCMRISK" report r.json --format json --out j --html-assets x
(cd j && find . | sort)
for d in .. a/.. a/../../b /tmp/x 'a\b'; do
    "$DCMRISK" report r.json --format html --out no --html-assets "$d"
    echo "status $?"
done
"$DCMRISK" report r.json --format html --out - --html-assets x
echo "status $?"
mkdir empty
"$DCMRISK" assess empty --out no --html-assets ../x
echo "status $?"
"$DCMRISK" assess empty --out a1 --html-assets x --quiet
echo "status $?"
(cd a1 && find . -type f | sort)
[ ! -e no ] || echo "something was written"
# When style cannot be placed, the page is not either.
mkdir -p full/x/report.css
"$DCMRISK" report r.json --format html --out full --html-assets x
echo "status $?"
find full | sort
