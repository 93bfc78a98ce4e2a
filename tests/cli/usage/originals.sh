# A list of originals that cannot be read is refused before anything is scanned; its lines are
# told, never what stands in them.
mkdir data
try() {
    "$DCMRISK" assess data --originals "$1" --out report
    echo "status $?"
}
try missing.txt
: >empty.txt
try empty.txt
printf 'ok\nsecret\000secret\n' >nul.txt
try nul.txt
printf 'ok\nok\n"secret\n' >quote.csv
try quote.csv
printf 'secret%080d\n' 0 >long.txt
try long.txt
printf 'secret\377\n' >latin.txt
try latin.txt
[ ! -e report ] || echo "a report was begun"
