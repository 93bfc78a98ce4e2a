#!/bin/sh
# Speed and memory, as ratios within one run: `make bench`.  What is measured: README.md here.
# BUILD: where the programs are.  FILES (8000), SERIES (1000000), CASES (10000): how much of it.
# Ends with 0 when all limits hold, 1 when one does not.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
dcmrisk=${DCMRISK:-$build/dcmrisk}
mkcohort=${MKCOHORT:-$build/mkcohort}
bench_model=${BENCH_MODEL:-$build/bench_model}
bench_views=${BENCH_VIEWS:-$build/bench_views}
python=python3 # Debian's own has pydicom, another one may come first
python3 -c 'import pydicom' 2> /dev/null || [ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
files=${FILES:-8000}
series=${SERIES:-1000000}
cases=${CASES:-10000}
work=$(mktemp -d "${TMPDIR:-/tmp}/dcmrisk-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
failed=0
checked=0

heading() {
    printf '\n%s\n' "$1"
}

row() { # what found limit [held]
    printf '  %-58s %10s  %-10s %s\n' "$1" "$2" "$3" "${4:-}"
}

note() { # what found
    row "$1" "$2" ""
}

calc() { # expression [format]
    awk "BEGIN { printf \"${2:-%.3f}\", $1 }"
}

check() { # what found limit: found is at most limit
    checked=$((checked + 1))
    if [ "$(calc "($2 <= $3) ? 1 : 0" %d)" = 1 ]; then
        row "$1" "$2" "<= $3" PASS
    else
        row "$1" "$2" "<= $3" FAIL
        failed=$((failed + 1))
    fi
}

measure() { # [--times N] [--accept LIST] -- command: sets cpu, wall, peak, stats
    "$python" "$here/measure.py" "$@" > "$work/measure"
    read -r cpu wall peak < "$work/measure"
    stats=$(sed -n 2p "$work/measure")
}

stat() { # name: a figure of --stats in seconds
    printf '%s\n' "$stats" | sed -n "s/.*$1 \([0-9.]*\).*/\1/p"
}

scan() { # jobs reader folder: sets cpu, wall, peak; a scan from nothing
    # shellcheck disable=SC2016 # its own parameters
    measure --times 3 -- sh -c 'rm -f "$1"; exec "$2" scan "$3" -o "$1" -q -j "$4" --reader "$5"' \
        sh "$work/scan" "$dcmrisk" "$3" "$1" "$2"
}

share() { # reader folder: sets share, the supervisor's part of the CPU of a scan
    measure --times 3 --accept 0,1,3 -- "$dcmrisk" assess "$2" -q --stats -j 1 --reader "$1" \
        --format json --out "$work/out"
    share=$(calc "100 * $(stat 'supervisor CPU') / ($(stat 'worker CPU') + $(stat 'supervisor CPU'))" %.1f)
}

cohort() { # folder files-of-a-series series: CT files with headers of 20 KB
    sed -e "s/\"subjects\": *[0-9]*/\"subjects\": $3/" \
        -e "s/\"files\": *\[[^]]*\]/\"files\": [$2, $2]/" \
        "$here/../data/cohorts/ct-bench.json" > "$work/spec.json"
    "$mkcohort" "$work/spec.json" "$1" > /dev/null
    find "$1/dicom" -type f -exec cat {} + > /dev/null # warm
}

readers() {
    cohort "$work/ct" 250 $((files / 250))
    n=$((files / 250 * 250))
    "$python" "$here/pydicom_read.py" "$work/ct/dicom" 2000 > "$work/pydicom"
    read -r p_files p_elements p_cpu < "$work/pydicom"
    heading "Reading $n CT files, $((p_elements / p_files)) elements each; CPU microseconds per file"
    each=$(calc "1e6 * $p_cpu / $p_files" %.0f)
    note "pydicom, stop_before_pixels, every value ($p_files files)" "$each"
    for reader in dcmtk stream; do
        scan 1 "$reader" "$work/ct/dicom"
        one=$cpu
        note "scan -j 1, reader $reader" "$(calc "1e6 * $one / $n" %.0f)"
        note "    files per second" "$(calc "$n / $wall" %.0f)"
        note "    peak memory of a process, MiB" "$peak"
        scan 2 "$reader" "$work/ct/dicom"
        check "    of pydicom's CPU" "$(calc "$one / $n / ($p_cpu / $p_files)")" 0.125
        check "    CPU of -j 2, of that of -j 1" "$(calc "$cpu / $one")" 1.15
        share "$reader" "$work/ct/dicom"
        if [ "$reader" = dcmtk ]; then
            check "    supervisor's share of the CPU, %" "$share" 10
        else
            note "    supervisor's share of the CPU, %" "$share"
        fi
    done
    rm -rf "$work/ct"
    cohort "$work/small" 1 2000
    heading "The same with series of one file each (2000 files)"
    for reader in dcmtk stream; do
        scan 1 "$reader" "$work/small/dicom"
        note "scan -j 1, reader $reader, CPU microseconds per file" "$(calc "1e6 * $cpu / 2000" %.0f)"
        share "$reader" "$work/small/dicom"
        note "    supervisor's share of the CPU, %" "$share"
    done
    rm -rf "$work/small"
}

assess() { # shape series: sets cpu, wall, peak of assessing a scan file of that many series
    rm -f "$work/model.scan"
    "$bench_model" "$1" "$2" "$work/model.scan"
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
    "$bench_model" cohort "$1" "$work/model.scan"
    for _ in 1 2 3; do # the one with the least CPU counts
        "$bench_views" "$work/model.scan"
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

readers
models
views 90000
bad_cases
checked=$((checked + 1))
BUILD=$build sh "$here/suda.sh" || failed=$((failed + 1))
checked=$((checked + 1))
BUILD=$build sh "$here/tables.sh" || failed=$((failed + 1))
checked=$((checked + 1))
BUILD=$build sh "$here/html.sh" || failed=$((failed + 1))
if [ "$failed" -eq 0 ]; then
    printf '\nbench: all %d limits held\n' "$checked"
else
    printf '\nbench: %d of %d limits did not hold\n' "$failed" "$checked"
    exit 1
fi
