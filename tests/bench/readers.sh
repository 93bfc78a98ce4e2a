#!/bin/sh
# Reading: our reader against a bare open and read of the same files, DCMTK's reader, pydicom and gdcmscanner;
# a whole scan; two workers; a cold disk.  CPU microseconds a file, of several runs the least.
# FILES (16000): CT files of 150 KB with headers of 20 KB, ten attributes differing in each; DATA
# (../shared/data/unpack): a program that lays out real files.  Ends with 1 when a limit does not hold.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/bench/common.sh
. "$here/common.sh"
files=${FILES:-16000}
data=${DATA:-$here/../../../shared/data/unpack}

scan() { # jobs reader folder: sets cpu, wall, peak; a scan from nothing
    # shellcheck disable=SC2016 # its own parameters
    measure --times 3 -- sh -c 'rm -f "$1"; exec "$2" scan "$3" -o "$1" -q -j "$4" --reader "$5"' \
        sh "$work/scan" "$dcmrisk" "$3" "$1" "$2"
}

share() { # reader folder: sets share, the supervisor's part of the CPU of a scan, in percent; listing not counted
    measure --times 3 --accept 0,1,3 -- "$dcmrisk" assess "$2" -q --stats -j 1 --reader "$1" \
        --format json --out "$work/out"
    share=$(calc "100 * $(stat 'supervisor CPU') / ($(stat 'worker CPU') + $(stat 'supervisor CPU'))" %.1f)
}

cohort() { # folder files-of-a-series series matrix
    sed -e "s/\"subjects\": *[0-9]*/\"subjects\": $3/" -e "s/\"files\": *\[[^]]*\]/\"files\": [$2, $2]/" \
        -e "s/\"rows\": *[0-9]*, \"columns\": *[0-9]*/\"rows\": $4, \"columns\": $4/" \
        "$here/../data/cohorts/ct-bench.json" > "$work/spec.json"
    "$mkcohort" "$work/spec.json" "$1" > /dev/null
    find "$1/dicom" -type f -exec cat {} + > /dev/null # warm
}

figure() { # layer: microseconds of bench_readers' last run
    sed -n "s/^$1 //p" "$work/layers"
}

speed() { # what microseconds: a row with how fast it is, of a bare read
    row "$1" "$2" "$(calc "$bare / $2")"
}

# Layers in one process, and the programs of others: sets bare, reader, pydicom, gdcm.
compare() { # folder pydicom-files
    find "$1" -type f > "$work/list"
    n=$(grep -c . "$work/list")
    "$build/bench_readers" "$work/list" 3 > "$work/layers"
    bare=$(figure bare) reader=$(figure reader)
    row "open, read 64 KiB, close" "$bare" "of bare"
    speed "our reader" "$reader"
    speed "our reader into the batch of a worker" "$(figure worker)"
    speed "DCMTK's reader" "$(figure dcmtk)"
    speed "DCMTK's reader into the batch of a worker" "$(figure dcmtk-worker)"
    "$python" "$here/pydicom_read.py" "$1" "$2" > "$work/pydicom"
    read -r p_files p_elements p_cpu < "$work/pydicom"
    pydicom=$(calc "1e6 * $p_cpu / $p_files" %.0f)
    speed "pydicom, stop_before_pixels, every value ($p_files files)" "$pydicom"
    gdcm=
    if gdcmscanner -d "$1" -r -t 8,60 -t 10,20 -t 20,d > /dev/null 2>&1; then # some files end it
        measure --times 3 -- gdcmscanner -d "$1" -r -t 8,60 -t 10,20 -t 20,d
        gdcm=$(calc "1e6 * $cpu / $n" %.2f)
        speed "gdcmscanner, asked for three tags" "$gdcm"
    else
        note "gdcmscanner: not there, or ended by one of the files" -
    fi
}

limits_of_reader() {
    check_least "    our reader, of bare" "$(calc "$bare / $reader")" 0.5
    check_least "    our reader, times as fast as DCMTK's" "$(calc "$(figure dcmtk) / $reader" %.1f)" 6
    check_least "    our reader, times as fast as pydicom" "$(calc "$pydicom / $reader" %.0f)" 60
}

whole() { # reader: scans of $work/ct
    scan 1 "$1" "$work/ct/dicom"
    one=$(calc "1e6 * $cpu / $n" %.2f)
    speed "scan -j 1, reader $1: rules, walk, workers, SQLite" "$one"
    note "    files a second" "$(calc "$n / $wall" %.0f)"
    note "    peak memory of a process, MiB" "$peak"
    scan 2 "$1" "$work/ct/dicom"
    check "    CPU of -j 2, of that of -j 1" "$(calc "1e6 * $cpu / $n / $one")" 1.15
    share "$1" "$work/ct/dicom"
    check "    supervisor's share of the CPU, %" "$share" 10
    speed "assess -j 1, reader $1: the same, judged and reported" "$(calc "1e6 * $cpu / $n" %.2f)"
}

# Gives the files of a folder's folders names that say nothing of the order they were written in, as
# SOP instance UIDs do.
shuffle_names() { # folder
    find "$1" -type f -print0 | python3 -c '
import hashlib, os, sys
for path in sys.stdin.buffer.read().split(b"\0")[:-1]:
    os.rename(path, os.path.join(os.path.dirname(path), hashlib.sha256(path).hexdigest().encode()))'
    find "$1" -type f | LC_ALL=C sort > "$work/list"
}

cold() { # what command...: by the clock, with nothing of the files in memory
    what=$1
    shift
    sync
    echo 3 > /proc/sys/vm/drop_caches
    measure -- "$@"
    note "$what" "$(calc "1e6 * $wall / $n" %.0f)"
}

heading "Reading $files CT files of 150 KB with headers of 20 KB; CPU microseconds a file"
cohort "$work/ct" 250 $((files / 250)) 256
compare "$work/ct/dicom" 2000
limits_of_reader
note "    elements a file" "$((p_elements / p_files))"
whole dcmtk
whole stream
check_least "    scan, of bare" "$(calc "$bare / $one")" 0.25
[ -z "$gdcm" ] || check "    scan, of gdcmscanner's CPU" "$(calc "$one / $gdcm")" 1
if [ "$(id -u)" = 0 ] && [ -w /proc/sys/vm/drop_caches ]; then
    heading "The same from a cold disk; microseconds a file by the clock"
    cold "open, read 64 KiB, close" "$build/bench_readers" "$work/list" 1 bare
    for jobs in 1 2; do
        rm -f "$work/scan"
        cold "scan -j $jobs" "$dcmrisk" scan "$work/ct/dicom" -o "$work/scan" -q -j "$jobs"
    done
    shuffle_names "$work/ct/dicom"
    cold "names in no order: open, read 64 KiB, close, by name" "$build/bench_readers" "$work/list" 1 bare
    rm -f "$work/scan"
    cold "    scan -j 1, in the order of the inodes" "$dcmrisk" scan "$work/ct/dicom" -o "$work/scan" -q -j 1
fi
rm -rf "$work/ct"
heading "Series of one file each: 2000 files of 27 KB"
cohort "$work/small" 1 2000 64
n=2000
for reader in dcmtk stream; do
    scan 1 "$reader" "$work/small/dicom"
    note "scan -j 1, reader $reader: CPU microseconds a file" "$(calc "1e6 * $cpu / $n" %.0f)"
    share "$reader" "$work/small/dicom"
    check "    supervisor's share of the CPU, %" "$share" 10
done
rm -rf "$work/small"
if [ -x "$data" ]; then
    "$data" "$work/real" > /dev/null
    heading "Real files of 18 public repositories, no two alike; CPU microseconds a file"
    compare "$work/real" 100000
    limits_of_reader
    note "    elements a file" "$((p_elements / p_files))"
fi
exit "$failed"
