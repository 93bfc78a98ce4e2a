# A file that is named and not there is wrong usage, status 2, whichever command or option names it, and
# no file is written. (4 is for what is there and cannot be read.)
mkdir d
printf 'age\n1\n' >t.csv
touch file
try() {
    said=$("$DCMRISK" "$@" 2>&1 >/dev/null)
    status=$?
    case "$status $said" in
    "2 dcmrisk: $name: "*) ;;
    *) echo "status $status: $*: $said" ;;
    esac
}
for name in missing missing/x file/x ./missing.json; do
    for command in assess inspect report; do try "$command" "$name"; done
    try scan "$name" -o o.scan
    try merge "$name" -o o.scan
    try table "$name" --qi age --out o.json
    try table t.csv --qi age --population-table "$name" --out o.json
    try rules check "$name"
    try assess --files-from "$name"
    for option in project originals population-table table baseline digest-key rules; do
        try assess d "--$option" "$name"
    done
    name=./$name
    try assess d --policy "$name"
done
find . -type f | sort
