# Closed standard files are not taken by files that the program opens.
printf '{"schema": "dcmrisk-report/1"}' >r.json
"$DCMRISK" report r.json --format json --out o <&- >&- 2>&-
echo "status $?"
cat o/report.json
