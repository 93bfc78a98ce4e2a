#!/bin/sh
# Two readers, one stream: our own parser and DCMTK's must tell the same values of the same files,
# so that no figure of a report hangs on who read.  Generated cohorts, damaged files, the truth
# through DCMTK, and real files where there are any (../shared/data).
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
program=$build/tests/test_readers
count=${READERS_COHORTS:-20}
export SOURCE_DATE_EPOCH=1700000000
status=0
[ -x "$program" ] || skip "no $program"

for name in demo edge trailing; do
    "$mkcohort" "$specs/$name.json" "$work/$name" >/dev/null
done
n=1
while [ "$n" -le 5 ]; do
    "$mkcohort" --random $((7000 + n)) "$work/random$n" >/dev/null
    n=$((n + 1))
done
"$python" "$here/readers.py" "$program" generated "$work" || status=1

# The same figures, from the scan file to the report.
for name in demo edge; do
    for reader in stream dcmtk both; do
        code=0
        "$dcmrisk" assess "$work/$name/dicom" --reader "$reader" --out "$work/$name-$reader" \
            --format json -q >/dev/null 2>&1 || code=$?
        case $code in 0 | 1 | 3) ;; *)
            echo "$name: assess --reader $reader ends with $code"
            status=1
            ;;
        esac
    done
    "$python" "$here/readers.py" --reports "$work/$name-stream/report.json" \
        "$work/$name-dcmtk/report.json" "$work/$name-both/report.json" || status=1
done

# Another reader reads again what a scan file holds.
for reader in stream dcmtk both; do
    "$dcmrisk" scan "$work/trailing/dicom" -o "$work/again" --reader "$reader" -q
    made=$(sqlite3 "$work/again" "SELECT value FROM meta WHERE key = 'reader'")
    case $made in "$reader/"*) ;; *)
        echo "a scan with --reader $reader is of $made"
        status=1
        ;;
    esac
done

# Every figure against the truth, with DCMTK.
cat >"$work/dcmrisk" <<END
#!/bin/sh
command=\$1
shift
exec "$dcmrisk" "\$command" --reader dcmtk "\$@"
END
chmod +x "$work/dcmrisk"
"$python" "$here/compare_truth.py" --cohorts "$mkcohort" "$work/dcmrisk" "$work/truth" 8001 "$count" ||
    status=1

real=$top/../shared/data/unpack
if [ -x "$real" ] && "$real" "$work/real" >/dev/null; then
    "$python" "$here/readers.py" "$program" real "$work/real" || status=1
    "$python" "$here/readers.py" --damaged "$program" "$work/real" || status=1
else
    echo "no real files: generated ones only"
    "$python" "$here/readers.py" --damaged "$program" "$work/edge" || status=1
fi

# A reader that has read other files says what a fresh one says: damaged copies, each behind the whole; and
# files of one plan, each with something changed.
warm=$build/tests/test_reader_same
[ ! -d "$work/real" ] || find "$work/real" -type f -size -900k >"$work/files"
find "$work/demo" "$work/edge" "$work/random1" -type f -size -60k >>"$work/files"
tr '\n' '\0' <"$work/files" | xargs -0 -n 100000 "$warm" --mutants "${MUTANTS:-6000}" "${SEED:-20261}" || status=1
"$build/tests/test_reader_series" --series "${SERIES:-6000}" "${SEED:-20261}" || status=1
exit $status
