#!/bin/sh
# What is found inside values, against other readers of gzip, JSON, XML and DICOM (Python's, pydicom's):
# files made at random, and real ones where there are any (../shared/data).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
program=${BUILD:-build/release}/tests/test_readers
work=$(mktemp -d "${TMPDIR:-/tmp}/openers.XXXXXX")
trap 'rm -rf "$work"' EXIT
status=0
[ -x "$program" ] || {
    echo "skipped: no $program"
    exit 77
}
/usr/bin/python3 "$here/openers.py" "$program" "$work/made" || status=1
real=$root/../shared/data/unpack
if [ -x "$real" ] && "$real" "$work/real" >/dev/null; then
    /usr/bin/python3 "$here/openers.py" "$program" --real "$work/real" || status=1
else
    echo "no real files: made ones only"
fi
exit $status
