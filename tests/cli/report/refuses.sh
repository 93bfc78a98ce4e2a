# What is not a report of ours is refused, with the place.
try() {
    "$DCMRISK" report "$@" --format json --out o
    echo "status $?"
}
printf '{"schema": "dcmrisk-report/2"}' >future.json
printf '{"a": 1}' >none.json
printf '{\n "schema": 1,\n "schema": 2}' >twice.json
printf '{\n "schema": "dcmrisk-report/1",\n' >cut.json
printf '[1]' >list.json
: >empty.json
for f in future none twice cut list empty; do try "$f.json"; done
try missing.json
try - <none.json
[ ! -e o ] || echo "something was written"
