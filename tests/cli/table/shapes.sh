# jobs
# Tables at the edge: every number is one, and what arithmetic tells of them is as it says.
run=0
see() {
    run=$((run + 1))
    "$DCMRISK" table t.csv -j "$JOBS" --qi a,b --records "$run.csv" "$@" >"$run.json"
    echo "$shape: status $?" >>runs
}
all_ways() {
    see
    see --sensitive s
    see --subject p
    see --missing wildcard --sensitive s --subject p
    see --weight w
    see --population 1000000 --design srs --sensitive s
    see --fraction 1
    see --population-table t.csv
}
shape='zero rows'
echo 'a,b,s,p,w' >t.csv
all_ways
shape='one row'
printf 'a,b,s,p,w\n1,x,y,A,7\n' >t.csv
all_ways
shape='one row of nothing'
printf 'a,b,s,p,w\n,,,,1\n' >t.csv
all_ways
shape='all equal'
awk 'BEGIN { print "a,b,s,p,w"; for (i = 0; i < 400; i++) print "1,x,y,A,2" }' >t.csv
all_ways
shape='all unique'
awk 'BEGIN { print "a,b,s,p,w"; for (i = 0; i < 400; i++) print i "," i "," i "," i ",2" }' >t.csv
all_ways
shape='all missing'
awk 'BEGIN { print "a,b,s,p,w"; for (i = 0; i < 300; i++) print ",,,,1e12" }' >t.csv
all_ways
shape='a population without anybody'
echo 'a,b' >nobody.csv
see --population-table nobody.csv
python3 -c '
import json

def refuse(word):
    raise ValueError(word)

for n, line in enumerate(open("runs"), 1):
    d = json.load(open(f"{n}.json"), parse_constant=refuse)
    rows = [row.rstrip().split(",") for row in open(f"{n}.csv")]
    print(line.rstrip(), *(f"{k} {d[k]}" for k in ("records", "subjects", "classes", "k_min", "k_max", "unique")), sep=", ", end="; ")
    print(len(rows) - 1, "rows")
    for cell in sum(rows[1:], []):
        0 <= float(cell or 0) < float("inf") or refuse(cell)
'
