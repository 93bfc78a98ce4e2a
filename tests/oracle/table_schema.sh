#!/bin/sh
# Documents of `dcmrisk table` against their JSON Schema, tables of every awkward size among
# them.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
needs jsonschema
cd "$work"
printf 'a,b,s,w,d\n' >none.csv
printf 'a,b,s,w,d\n1,2,p,3.5,x\n' >one.csv
printf 'a,b,s,w,d\n1,2,p,2,x\n1,2,q,2,x\n1,2,r,2,x\n' >equal.csv
printf 'a,b,s,w,d\n1,2,p,2,x\n3,4,q,2.5,y\n5,,,7,z\n,,,9,\n' >unique.csv
awk 'BEGIN { srand(7); print "a,b,s,w,d"
    for (i = 0; i < 400; i++) { s = int(200 * rand())
        printf "%d,%s,p%d,%d,%d\n", 8 * rand(), rand() < .2 ? "" : int(9 * rand()), s, 2 + s % 5, 4 * rand() } }' >random.csv
n=0
for table in none one equal unique random; do
    for how in "" "--subject s" "--weight w" "--subject s --weight w" "--fraction 0.1" \
        "--population-table $table.csv" "--subject s --population-table $table.csv" \
        "--fraction 0.5 --design srs" "--population 9000 --design census"; do
        for missing in category wildcard; do
            n=$((n + 1))
            # shellcheck disable=SC2086 # words
            "$dcmrisk" table $table.csv --qi a,b --sensitive d $how --missing $missing >"$n.json"
            echo "$n $table $how $missing" >>cases
        done
    done
done
"$python" - "$top/reports/table.schema.json" <<'PY'
import json, sys
import jsonschema
check = jsonschema.Draft202012Validator(json.load(open(sys.argv[1], encoding="utf-8")))
bad = 0
for line in open("cases", encoding="utf-8"):
    name, _, case = line.strip().partition(" ")
    for e in check.iter_errors(json.load(open(name + ".json", encoding="utf-8"))):
        print(case, "/".join(map(str, e.absolute_path)), e.validator, e.message[:120])
        bad = 1
sys.exit(bad)
PY
