#!/bin/sh
# Population uniqueness against generated populations of which all is known, and against ARX.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec /usr/bin/python3 "$here/population.py" "${BUILD:-build/release}"
