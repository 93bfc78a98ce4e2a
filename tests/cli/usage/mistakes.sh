# Every wrong word ends with 2, says what is wrong on stderr, and nothing on stdout.
try() {
    "$DCMRISK" "$@"
    echo "status $?"
}
try asess
try help raport
try --verson
try frobnicate
try report r.json --formt html
try report r.json --format jsn
try report
try report a.json b.json
try report r.json --out=
try rules
try rules lst
try rules show
try rules list extra
try rules --color=blau list
try "$(printf 'esc\033[31m')"
