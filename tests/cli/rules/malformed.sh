# What is wrong with a file that a user wrote is told with the line and what to write instead.
try() { # name of the file, its text
    printf '%b' "$2" >"$1"
    "$DCMRISK" rules check "$1" >out 2>err
    echo "status $? $(cat out err)"
}
p='{\n "schema": "dcmrisk-project/1",\n'
try a.json ''
try a.json '{"schema": "dcmrisk-projct/1"}\n'
try a.json '{\n "schema": "dcmrisk-project/1",\n}\n'
try a.json "$p"' "title": "x"\n "note": "y"\n}\n'
try a.json "$p"' "title": Chest\n}\n'
try a.json "$p"' // a remark\n "title": "x"\n}\n'
try a.json "$p"' "titel": "x"\n}\n'
try a.json "$p"' "claim": "anon"\n}\n'
try a.json "$p"' "accept": [\n  {"rule": "r", "reason": "x",\n   "who": "y", "expires": "31.03.2027"}\n ]\n}\n'
try a.json "$p"' "accept": [\n  {"rule": "r", "reason": "x",\n   "who": "y"}\n ]\n}\n'
try a.json "$p"' "reviews": {\n  "pixels": {"who": "y",\n   "wen": "2027-01-01"}}\n}\n'
try a.json '{"schema": "dcmrisk-acceptance/1",\n "accept": [{"rule": "r", "reason": "x", "who": "y",\n  "expires": "2027-01-01", "ceiling": "40"}]}\n'
try a.json '{"schema": "dcmrisk-policy/1", "id": "own", "k": 5,\n "adversary": "aquaintance",\n "criteria": [{"id": "a", "kind": "average", "title": "A"}]}\n'
try a.json '{"schema": "dcmrisk-policy/1", "id": "own", "k": "5",\n "adversary": "acquaintance", "criteria": []}\n'
mkdir -p mine/checks
try mine/uid-roots.json '{"source": "x", "edition": "1", "roots": [\n {"root": "1.2", "kind": "vendor", "nam": "x"}]}\n'
rm mine/*.json
try mine/deid-tools.json '{"tools": [\n {"id": "a", "name": "A", "evidence": "page",\n  "method_text": ["(A"]}]}\n'
rm mine/*.json
try mine/checks/my-rule.json '{"id": "my-rule",\n "check": "atribute"}\n'
try mine/checks/my-rule.json '{"id": "my-rule",\n "severty": "low"}\n'
# A run ends on them, too.
printf '%b' "$p"' "expires": "2027"\n}\n' >a.json
"$DCMRISK" assess mine --project a.json --out out -q
echo "status $?"
"$DCMRISK" assess mine --policy publik-release --out out -q
echo "status $?"
