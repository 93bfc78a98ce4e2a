# The document, the file of records and the text.  Keys by eye: 7|x three times with weights
# 10.5, 20 and 1e3, 7|y, 8|x and 8|y: fk 3,1,3,1,3,1, Fk 1030.5,2,1030.5,3,1030.5,4.25.
printf 'a,b,w\n7,x,10.5\n7,y,2\n7,x,20\n8,x,3\n7,x,1e3\n8,y,4.25\n' >t.csv
umask 022
"$DCMRISK" table t.csv --qi a,b --weight w --metrics k,risk --records rows.csv --out doc.json
echo "ends with $?"
cut -d, -f1-3 rows.csv
stat -c %a rows.csv
python3 - <<'PY'
import json
d = json.load(open("doc.json"))
assert d["schema"] == "dcmrisk-table/1"
for key in ("records", "subjects", "classes", "k_min", "k_mean", "k_max", "unique", "below", "histogram"):
    print(key, json.dumps(d[key]))
print("average", d["prosecutor"]["average"])
PY
"$DCMRISK" table t.csv --qi a,b --metrics k --format text
"$DCMRISK" table t.csv --qi a,b --metrics k >one.json
"$DCMRISK" table t.csv --qi a,b --metrics k -j 4 | cmp - one.json
"$DCMRISK" table t.csv --qi a --metrics k >/dev/full
echo "a full disk: ends with $?"
