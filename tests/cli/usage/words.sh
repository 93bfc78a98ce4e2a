# The same rules for the words of every command: order, =, --, clusters of letters, beginnings.
printf '{"schema": "dcmrisk-report/1"}' >r.json
try() {
    "$DCMRISK" "$@" >out
    echo "status $?" >&2
}
mkdir text
echo text >text/a.txt
"$DCMRISK" scan -o a.scan text 2>&1
"$DCMRISK" scan text --out=b.scan -qj2 && "$DCMRISK" scan -qj 2 -oc.scan -- text && ls ./*.scan
"$DCMRISK" scan --qui --o d.scan text && ls d.scan
mkdir -- -q
echo text >-q/a.txt
"$DCMRISK" scan -o e.scan -- -q 2>&1
try scan -o f.scan -- text -j
try assess --s x
try assess text -jx
try assess text -j
try assess text --jobs=
try assess text --quiet=yes
try assess text -qx
try --
try -V
try help
try help assess
try help asess
try help assess scan
try completion
try completion bsh
try completion bash zsh
try rules list polices
try rules show exact-date
try rules show
try rules check a b
try merge
try merge missing -o g.scan
try inspect
try table r.json --qi 'a,"b'
try table r.json --qi '"a"b'
try table r.json --qi 'a,,b'
printf 'sex,"height, cm","say ""so"""\nM,1,x\nF,2,x\nM,1,y\n' >t.csv
# Three records; sex and height alone make two classes of them.
"$DCMRISK" table t.csv --qi 'sex,"height, cm"' | python3 -c 'import json, sys; d = json.load(sys.stdin); print([c["name"] if isinstance(c, dict) else c for c in d["options"]["qi"]] if "options" in d else sorted(d))'
"$DCMRISK" table t.csv --qi '"say ""so"""' >out && echo quoted
try table t.csv --qi 'height cm'
