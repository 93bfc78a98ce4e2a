#!/bin/sh
# The intruder experiment: releases of one population, attacked with pydicom; hits against the
# predicted sum of 1/K.  Small as a test; with `long` (make experiment) 50 releases, whose result
# is in build/experiment.md and build/experiment.json.
# usage: experiment.sh [long]        needs BUILD (build/release by default); SEED=N other people
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
program=${DCMRISK:-$build/dcmrisk}
python=python3 # Debian's own has pydicom, another one may come first
python3 -c 'import pydicom' 2> /dev/null || [ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/experiment.XXXXXX")
if [ "${1-}" = long ]; then
    set -- --releases 50 --patients 300:1000 --population 4000 \
        --json build/experiment.json --markdown build/experiment.md
else
    set -- --releases 20 --patients 50:120 --population 600 --level .999
fi
status=0
PYTHONDONTWRITEBYTECODE=1 "$python" "$here/experiment.py" "$program" "$here/../../rules" "$work" \
    --seed "${SEED:-20261127}" "$@" || status=$?
rm -rf "$work"
exit "$status"
