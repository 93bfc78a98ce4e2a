#!/bin/sh
# Classes of tables against sqlite3 and, where npm can install it, DuckDB: wall seconds of the same
# GROUP BY on the same rows, two threads for whoever can use them.
# BUILD: where the programs are.  TABLES ("1000000x8 10000000x12"): rows x columns.  Ends with 1 when a limit
# does not hold.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/bench/common.sh
. "$here/common.sh"
build=$(cd "$build" && pwd)

ratio() {
    echo "$1 $2" | awk '{ printf "%.3f", $1 / $2 }'
}

columns_of() { # n: "q0,q1,..."
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "%sq%d", i ? "," : "", i }'
}

# Seconds of the last statement, by the shell's own timer; the import is not counted.
in_sqlite() { # file columns
    printf '.mode csv\n.import %s t\n.mode list\n.timer on\nSELECT count(*), min(n), sum(n = 1) FROM (SELECT count(*) AS n FROM t GROUP BY %s);\n' \
        "$1" "$2" | sqlite3 "$work/db" | sed -n 's/^Run Time: real \([0-9.]*\).*/\1/p' | tail -n 1
    rm -f "$work/db"
}

install_duckdb() {
    command -v npm > /dev/null 2>&1 || return 1
    (cd "$work" && timeout 300 npm install --silent --no-audit --no-fund @duckdb/node-api > "$work/npm" 2>&1 &&
        node -e 'require("@duckdb/node-api")' > /dev/null 2>&1)
}

in_duckdb() { # file columns: seconds on its own table, and from the CSV
    (cd "$work" && node "$here/duckdb_group.js" "$1" "$2")
}

one() { # rows columns
    csv=$work/t.csv
    "$build/bench_groups" "$1" "$2" 2 "$csv"
    by=$(columns_of "$2")
    ours=$("$build/bench_groups" "$1" "$2" 2 | cut -d ' ' -f 2)
    theirs=$(in_sqlite "$csv" "$by")
    note "$1 x $2: seconds of our classes" "$ours"
    check "    of sqlite3's GROUP BY ($theirs s)" "$(ratio "$ours" "$theirs")" 0.05
    python3 "$here/measure.py" --times 2 -- "$build/dcmrisk" table "$csv" --qi "$by" --metrics k -j 2 > "$work/measure"
    read -r _ wall peak < "$work/measure"
    note "    dcmrisk table --metrics k, from CSV: seconds" "$wall"
    check "    its memory, MiB" "$peak" 2048
    if [ "$duckdb" = yes ]; then
        in_duckdb "$csv" "$by" > "$work/duck"
        read -r table file < "$work/duck"
        check "    our classes, of DuckDB's from its own table ($table s)" "$(ratio "$ours" "$table")" 1
        check "    dcmrisk table, of DuckDB from CSV ($file s)" "$(ratio "$wall" "$file")" 1
    fi
    rm -f "$csv"
}

heading 'Classes of tables of codes, wall seconds, two threads'
duckdb=no
if install_duckdb; then
    duckdb=yes
else
    printf '  DuckDB: skipped, npm could not install it\n'
fi
for t in ${TABLES:-1000000x8 10000000x12}; do
    one "${t%x*}" "${t#*x}"
done
exit "$failed"
