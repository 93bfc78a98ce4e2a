# Closed standard files are not taken by files that the program opens.
cp "$TOP/tests/web/sample.json" r.json
"$DCMRISK" report r.json --format json --out o <&- >&- 2>&-
echo "status $?"
head -n 2 o/report.json
