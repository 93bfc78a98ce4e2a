# jobs
# A million columns, cells of megabytes, and a quote that opens in the first of them.
try() {
    "$DCMRISK" table t.csv -j "$JOBS" --format text --metrics k "$@" >t.txt
    echo "status $?"
    grep -E '^(records|classes|k_max):? ' t.txt || true
}
awk 'BEGIN {
    for (i = 1; i <= 1000000; i++) printf "c%d%s", i, i < 1000000 ? "," : "\n"
    for (r = 0; r < 2; r++)
        for (i = 1; i <= 1000000; i++) printf "%s", i < 1000000 ? "," : r "\n"
}' >t.csv
try --qi c1,c500000,c1000000
try --qi c1000001
printf '1,2,3\n' >>t.csv
try --qi c1
awk 'BEGIN {
    for (i = 0; i < 20; i++) s = (s == "" ? "x" : s s)
    print "a,b"; for (i = 0; i < 12; i++) print s ",1"; print s "y,1"; print "\"" s "\"\"\n" s "\",2"
}' >t.csv
try --qi a,b
try --qi b
awk 'BEGIN { print "a,b"; print "\"1,2"; for (i = 0; i < 1000000; i++) print i ",1" }' >t.csv
try --qi a
