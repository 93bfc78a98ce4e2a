#!/bin/sh
# Scan files of many series to reports: seconds, memory, what grows how.
# SERIES (1000000), CASES (10000): how many.  Ends with 1 when a limit does not hold.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/bench/common.sh
. "$here/common.sh"
series=${SERIES:-1000000}
cases=${CASES:-10000}

assess() { # shape series: sets cpu, wall, peak of assessing a scan file of that many series
    rm -f "$work/model.scan"
    "$build/bench_model" "$1" "$2" "$work/model.scan"
    measure --times "${3:-1}" --accept 0,1,3 -- \
        "$dcmrisk" assess "$work/model.scan" -q --stats --format json,html --out "$work/out"
}

rules() { # what the rules and the evidence for them add to the assessment just measured
    added=$(calc "$(stat 'evidence CPU') + $(stat 'checks CPU')")
    check "    rules: CPU seconds per million facts" "$(calc "1e6 * $added / $(stat facts)")" 1
    note "    rules: CPU seconds per million series" "$(calc "1e6 * $added / $1" %.1f)"
}

models() {
    heading "Assessing scan files that exist: load, records, risks, findings, JSON and HTML"
    assess cohort $((series / 10))
    tenth=$cpu
    note "$((series / 10)) series: CPU seconds" "$cpu"
    assess cohort "$series"
    note "$series series: size of the scan file, MiB" "$(($(wc -c < "$work/model.scan") / 1048576))"
    note "$series series: wall seconds" "$wall"
    check "$series series: CPU seconds" "$cpu" 60
    check "$series series: peak memory, MiB" "$peak" 6144
    rules "$series"
    check "ten times the series: CPU, of one tenth" "$(calc "$cpu / $tenth" %.1f)" 15
}

views() { # series: of a cohort of 50,000 studies
    heading "All adversaries and views, concepts, dates and intervals; one GROUP BY of SQLite over the same records"
    rm -f "$work/model.scan"
    "$build/bench_model" cohort "$1" "$work/model.scan"
    for _ in 1 2 3; do # the one with the least CPU counts
        "$build/bench_views" "$work/model.scan"
    done | sort -n > "$work/views"
    read -r ours theirs records studies < "$work/views"
    note "$studies studies, $records records: CPU seconds" "$ours"
    note "    SQLite: CPU seconds" "$theirs"
    check "    of SQLite's" "$(calc "$ours / $theirs" %.1f)" 10
}

bad_cases() {
    heading "Bad cases: four times as much costs, of the CPU of $cases series (quadratic: 16)"
    for shape in study subject creators sites texts referrals; do
        assess "$shape" "$cases" 2
        before=$cpu
        assess "$shape" $((cases * 4))
        note "$shape, $((cases * 4)) series: CPU seconds" "$cpu"
        check "    times that of $cases series" "$(calc "$cpu / $before" %.1f)" 7
    done
}

models
views 90000
bad_cases
exit "$failed"
