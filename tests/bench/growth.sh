#!/bin/sh
# Memory of a scan of ten, a hundred, a thousand times the files of the same people and series, with the same
# values: only the list of files may grow, and SQLite's cache up to its bound.
# FILES_MOST (1000000): the largest.  It takes 4 GB of small files below TMPDIR.  Ends with 1 when a limit does not hold.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/bench/common.sh
. "$here/common.sh"
most=${FILES_MOST:-1000000}
people=100

files() { # n: so many of the same people
    cat > "$work/spec.json" << END
{"title": "the same people with more files", "seed": 9, "truth": "none", "subjects": $people, "studies": [1],
 "series": [1], "files": [$(($1 / people)), $(($1 / people))], "sites": 2, "scanners": 2, "sequences": false,
 "pixels": {"rows": 2, "columns": 2}, "set": {"0008,0032": "101500", "0008,0033": "101500"}}
END
    rm -rf "$work/files"
    "$mkcohort" "$work/spec.json" "$work/files" > /dev/null
}

heading "Scanning more and more small files of $people series, -j 1: memory of the largest process"
before=0
for n in $((most / 100)) $((most / 10)) "$most"; do
    files "$n"
    measure -- "$dcmrisk" scan "$work/files/dicom" -o "$work/scan" -q -j 1
    note "$n files: MiB" "$peak"
    note "    CPU seconds" "$cpu"
    note "    scan file, bytes a file" "$(($(wc -c < "$work/scan") / n))"
    if [ "$n" = "$most" ]; then
        check "    bytes that each further file takes" "$(calc "1048576 * ($peak - $peak_before) / ($n - $before)" %.0f)" 160
    fi
    peak_before=$peak
    before=$n
    measure --accept 0,1,3 -- "$dcmrisk" assess "$work/scan" -q --format json --out "$work/out"
    note "    assessing it: MiB" "$peak"
    measure --accept 0 -- "$dcmrisk" scan "$work/files/dicom" -o "$work/scan" -q -j 1
    note "    scanning again, nothing changed: CPU microseconds a file" "$(calc "1e6 * $cpu / $n" %.1f)"
    note "    MiB" "$peak"
    rm -f "$work/scan"
done
exit "$failed"
