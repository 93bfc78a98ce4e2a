#!/bin/sh
# Population uniqueness against generated populations of which all is known, and against ARX.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
"$python" "$here/population.py" "$build"
