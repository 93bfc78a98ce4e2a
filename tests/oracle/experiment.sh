#!/bin/sh
# The intruder experiment: releases of one population, attacked with pydicom; hits against the
# predicted sum of 1/K.  Small as a test; with `long` (make experiment) 50 releases, whose result
# is in build/experiment.md and build/experiment.json.
# usage: experiment.sh [long]        SEED=N: other people
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
has pydicom || :
if [ "${1-}" = long ]; then
    set -- --releases 50 --patients 300:1000 --population 4000 \
        --json "$top/build/experiment.json" --markdown "$top/build/experiment.md"
else
    set -- --releases 20 --patients 50:120 --population 600 --level .999
fi
"$python" "$here/experiment.py" "$dcmrisk" "$top/rules" "$work" --seed "${SEED:-20261127}" "$@"
