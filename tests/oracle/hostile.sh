#!/bin/sh
# A cohort whose every string is hostile, through every command and format: what comes out is well-formed and inert.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
"$python" "$here/hostile.py" "$dcmrisk" "$work"
