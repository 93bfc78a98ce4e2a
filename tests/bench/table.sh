#!/bin/sh
# Classes of large tables: `dcmrisk table` and its grouping against SQLite and DuckDB, on the same
# tables, in one run; all must give the same answer.
# BUILD: where the programs are.  ROWS (10000000): of the larger table, the smaller has a tenth.
# DUCKDB: a folder with node_modules/@duckdb/node-api; without one npm is asked for it.
# Ends with 1 when a limit does not hold.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
dcmrisk=${DCMRISK:-$build/dcmrisk}
rows=${ROWS:-10000000}
work=$(mktemp -d "${TMPDIR:-/tmp}/dcmrisk-bench-table.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
failed=0

row() { # what found limit word
    printf '  %-58s %10s  %-10s %s\n' "$1" "$2" "${3:-}" "${4:-}"
}

at_most() { # what a b limit: a / b is at most limit
    found=$(echo "$2 $3" | awk '{ printf "%.3f", $1 / $2 }')
    if [ "$(echo "$found $4" | awk '{ print ($1 <= $2) }')" = 1 ]; then
        row "$1" "$found" "<= $4" PASS
    else
        row "$1" "$found" "<= $4" FAIL
        failed=1
    fi
}

same() { # what answer answer
    [ "$2" = "$3" ] && return
    row "$1: another answer" "$2" "$3" FAIL
    failed=1
}

columns_of() { # n
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) printf "%sc%d", i ? "," : "", i }'
}

duckdb=
find_duckdb() {
    if [ -n "${DUCKDB:-}" ]; then
        duckdb=$DUCKDB
    elif command -v npm > /dev/null && command -v node > /dev/null &&
        (mkdir "$work/npm" && cd "$work/npm" &&
            timeout 300 npm install --silent --no-audit --no-fund @duckdb/node-api) > /dev/null 2>&1; then
        duckdb=$work/npm
    else
        row "DuckDB cannot be installed here: not compared" -
    fi
}

sqlite() { # sets sql_cpu, sql_wall, sql_answer; the import is not counted
    rm -f "$work/t.db"
    {
        echo "create table t($(echo "$2" | sed 's/,/ integer, /g') integer);"
        echo ".mode csv"
        echo ".import --skip 1 $1 t"
    } | sqlite3 -cmd 'pragma journal_mode=off' -cmd 'pragma synchronous=off' "$work/t.db" > /dev/null
    # SQLite in memory: what it groups and what it sorts.
    python3 "$here/measure.py" -- sqlite3 -cmd 'pragma temp_store=memory' \
        -cmd 'pragma cache_size=-4000000' -cmd ".output $work/answer" -cmd ".separator ' '" "$work/t.db" \
        "select count(*), sum(n = 1), min(n), max(n) from (select count(*) n from t group by $2)" \
        > "$work/measure"
    read -r sql_cpu sql_wall _ < "$work/measure"
    sql_answer=$(tail -n 1 "$work/answer")
    rm -f "$work/t.db"
}

figures() { # of a document: classes, unique records, smallest and largest class
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(d["classes"], d["unique"], d["k_min"], d["k_max"])' "$1"
}

compare() { # rows columns
    names=$(columns_of "$2")
    "$build/bench_table" csv "$1" "$2" > "$work/t.csv"
    printf '\nClasses of %s x %s codes (CSV of %s MiB)\n' "$1" "$2" "$(($(wc -c < "$work/t.csv") / 1048576))"
    "$build/bench_table" groups "$1" "$2" 2 > "$work/ours"
    read -r cpu wall answer < "$work/ours"
    row "grouping: CPU and wall seconds" "$cpu" "$wall"
    python3 "$here/measure.py" --times 3 -- "$dcmrisk" table "$work/t.csv" --qi "$names" --metrics k \
        --out "$work/doc.json" > "$work/measure"
    read -r t_cpu t_wall t_peak < "$work/measure"
    row "dcmrisk table --metrics k: CPU and wall seconds" "$t_cpu" "$t_wall"
    same "dcmrisk table" "$(figures "$work/doc.json")" "$answer"
    at_most "    peak memory, of 2 GiB" "$t_peak" 2048 1
    if [ -n "$duckdb" ]; then
        node "$here/duckdb.mjs" "$duckdb" "$work/t.csv" "$names" > "$work/duck"
        while read -r what d_cpu d_wall d_answer; do
            row "DuckDB from its $what: CPU and wall seconds" "$d_cpu" "$d_wall"
            same "DuckDB" "$d_answer" "$answer"
            if [ "$what" = table ]; then
                at_most "    grouping, of its CPU" "$cpu" "$d_cpu" 1
            else
                at_most "    dcmrisk table, of its CPU" "$t_cpu" "$d_cpu" 1
            fi
        done < "$work/duck"
    fi
    sqlite "$work/t.csv" "$names"
    row "SQLite from its table: CPU and wall seconds" "$sql_cpu" "$sql_wall"
    same "SQLite" "$sql_answer" "$answer"
    at_most "    grouping, of its CPU" "$cpu" "$sql_cpu" 0.05
}

find_duckdb
compare $((rows / 10)) 8
compare "$rows" 12
exit "$failed"
