#!/bin/sh
# What is found inside values, against other readers of gzip, JSON, XML and DICOM (Python's, pydicom's):
# files made at random, and real ones where there are any (../shared/data).
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
program=$build/tests/test_readers
status=0
[ -x "$program" ] || skip "no $program"
"$python" "$here/openers.py" "$program" "$work/made" || status=1
real=$top/../shared/data/unpack
if [ -x "$real" ] && "$real" "$work/real" >/dev/null; then
    "$python" "$here/openers.py" "$program" --real "$work/real" || status=1
else
    echo "no real files: made ones only"
fi
exit $status
