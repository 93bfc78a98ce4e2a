#!/bin/sh
# A scan under disks that fail or are full, files that change, move and vanish while they are read, and
# others at the same scan file: the status is true, no file is lost or counted twice, the scan file is
# sound, and the same command again ends with the report of an undisturbed scan.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
${CC:-cc} -O1 -shared -fPIC -o "$work/faulty.so" "$top/tests/tools/faulty.c" -ldl
"$python" "$here/disturbed.py" "$mkcohort" "$dcmrisk" "$specs/edge.json" "$work"
