# Results that cannot be written are no results: status 4, and the other file is no excuse.
[ -w /dev/full ] || exit 77
printf 'age,sex\n1,M\n2,F\n' >t.csv
try() {
    "$DCMRISK" table t.csv --qi age,sex "$@"
    echo "status $?"
}
try --records missing/records.csv
try --records .
try --records /dev/full
try --out missing/table.json
try --out .
try --out /dev/full
try --out /dev/full --format text
try --out
try --records records.csv --out table.json
stat -c '%a' records.csv
chmod 644 records.csv
try --records records.csv --out table.json
stat -c '%a' records.csv
"$DCMRISK" table t.csv --qi age,sex >/dev/full
echo "status $?"
try --population-table missing.csv
: >empty.csv
try --population-table empty.csv
printf 'age,sxe\n1,M\n' >other.csv
try --population-table other.csv
printf 'age,sex\n1,M\n2\n' >ragged.csv
try --population-table ragged.csv
# A table is never written over.
cp t.csv alias.csv && ln -f t.csv hard.csv
try --out t.csv
try --records hard.csv
try --population-table alias.csv --out alias.csv
try --records both --out both
cmp t.csv alias.csv
