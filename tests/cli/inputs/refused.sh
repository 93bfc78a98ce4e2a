# Inputs and outputs that cannot be: the message names the thing and the way out.
mkdir empty text
echo hello >text/a.txt
: >nothing
try() {
    "$DCMRISK" "$@" >out
    code=$?
    sed -n "1s/:.*//p" out
    echo "status $code" >&2
}
try assess missing --out r
try assess empty --out r
try assess nothing --out r
try assess text --out r
try assess text --out r --quiet
try assess text --policy publik --out r
try assess text --policy ./no.json --out r
try assess text --rules nowhere --out r
try assess text --rules nothing --out r
try assess text --project no.json --out r
try assess text --out nothing
try assess text --out nothing/below
"$DCMRISK" scan text -q -o s || echo failed
try assess s text --out r
try assess s --scan t --out r
try scan s -o t
try scan empty -o s
try scan text
try scan text -o text/a.txt
cat text/a.txt
try scan text -o empty
try scan text -o nowhere/s
try scan text -o /dev/null
head -c 5000 s >short.scan
try assess short.scan --out r
sqlite3 other 'CREATE TABLE mine(x)'
try scan text -o other
sqlite3 s 'PRAGMA user_version = 1'
try assess s --out r
# Someone else has the scan file.
"$DCMRISK" scan text -q -o busy || echo failed
cat >hold.py <<'PY'
import sqlite3, sys
db = sqlite3.connect("busy", isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
PY
mkfifo go
python3 hold.py <go >held &
exec 3>go
while [ ! -s held ]; do sleep 0.05; done
try scan text -o busy
exec 3>&-
wait
