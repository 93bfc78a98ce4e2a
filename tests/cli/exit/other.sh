# Statuses of commands without a gate.
"$DCMRISK" --version >/dev/null
echo "status $?"
"$DCMRISK" rules list >/dev/null
echo "status $?"
"$DCMRISK" report missing.json --out o
echo "status $?"
"$DCMRISK" report "$TOP/tests/web/sample.json" --format jsn --out o
echo "status $?"
