#!/bin/sh
# No value of a patient leaves the program without --show-values, however hostile it is; what
# --show-values prints is harmless and readable by its owner only.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
"$python" "$here/privacy.py" "$mkcohort" "$dcmrisk" "$specs" "$work"
