#!/bin/sh
# SUDA scores and figures of fields, as multiples of one grouping by all columns in the same process.
# BUILD: where bench_lattice is.  ROWS (1000000): how many rows.  Ends with 1 when a limit does not hold.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/bench/common.sh
. "$here/common.sh"
rows=${ROWS:-1000000}

judge() { # columns values shape limit ("": none): the least ratio of three runs, each within itself
    suda='' fields=''
    for _ in 1 2 3; do
        # shellcheck disable=SC2046 # five figures
        set -- "$1" "$2" "$3" "$4" $("$build/bench_lattice" "$rows" "$1" "$2" "$3")
        suda=$(echo "${suda:-1e9} $7 $8" | awk '{ x = $3 / $2; printf "%.2f", x < $1 ? x : $1 }')
        fields=$(echo "${fields:-1e9} $7 $9" | awk '{ x = $3 / $2; printf "%.2f", x < $1 ? x : $1 }')
    done
    what="$5 x $1, $2 values $3, $6 different: suda, of a grouping"
    if [ -n "$4" ]; then
        check "$what" "$suda" "$4"
    else
        note "$what" "$suda"
    fi
    note "    fields, SUDA and Shapley with them ($7 s a grouping)" "$fields"
}

heading 'SUDA and contributions of fields, CPU of one grouping of the same table'
judge 8 4 even 20
judge 8 4 skewed 20
judge 8 6 skewed 20
judge 8 10 skewed ""
judge 8 10 even ""
exit "$failed"
