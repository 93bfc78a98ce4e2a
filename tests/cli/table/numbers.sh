# jobs
# Weights and sizes that mean nothing: the line is told where there is one, never the cell.
try() {
    "$DCMRISK" table t.csv --qi age -j "$JOBS" "$@" >t.json
    echo "$*: status $?, $(wc -c <t.json) bytes"
}
for weight in 0.999 0 -2 1e13 Geheim inf -inf nan NaN infinity 1e999 0x10 2,5 '2 ' ' 2' '' '2;3'; do
    printf 'age,w\n1,2\n\n2,"%s"\n' "$weight" >t.csv
    printf '%s: ' "$weight"
    try --weight w
done
printf 'p,age,w\nA,1,2\nB,1,3\nA,2,4\n' >t.csv
try --subject p --weight w
for fraction in 1.0001 2 0 -0.5 nan inf half; do try --fraction "$fraction"; done
for population in 2 0 -1 1e3 1000000000000000000000 many; do try --population "$population"; done
try --population 4 --fraction 0.5
