# A document that only claims to be a report is refused with the place that is wrong, never a value.
try() {
    "$DCMRISK" report r.json --format text --out o
    echo "status $?"
}
s=$TOP/tests/web/sample.json
sed 's/"result": "fail"/"result": "Doe^Jane"/' "$s" >r.json && try
sed 's/"run": {/"ran": {/' "$s" >r.json && try
sed 's/"time": "2026[^"]*"/"time": 7/' "$s" >r.json && try
printf '{"schema": "dcmrisk-report/1"}' >r.json && try
[ ! -e o ] || echo "something was written"
