#!/bin/sh
# Every rule on a generated cohort: finds exactly what was planted, keeps still where nothing was.
# usage: planted.sh [RULE...]
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
needs pydicom
# Acceptances hold for a time: today is 2026-10-01.
export SOURCE_DATE_EPOCH=1790812800
"$python" "$here/planted.py" "$mkcohort" "$dcmrisk" "$work" "$@"
