# When one format cannot be placed or is unknown, the others are not half done.
cp "$TOP/tests/web/sample.json" r.json
"$DCMRISK" report r.json --format json,htlm --out o
echo "status $?"
ls -A o 2>/dev/null
"$DCMRISK" report r.json --format json --out - | head -n 2
"$DCMRISK" report r.json --format json,html --out -
echo "status $?"
[ -w /dev/full ] || exit 0
"$DCMRISK" report r.json --format json --out - >/dev/full
echo "status $?"
