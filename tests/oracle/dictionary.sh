#!/bin/sh
# A dictionary attack on everything that is written: all dates, all numbers of seven digits, names; in clear and as digests.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
"$python" "$here/dictionary.py" "$dcmrisk" "$work"
