#!/bin/sh
# The manifest of a dataset against an independent script: roots over contents and over headers,
# with and without a key, for names of any bytes, and sha256sum's word on the list.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
tmp=${TMP:-$(mktemp -d)}
"${MKCOHORT:-$build/mkcohort}" "$here/../data/cohorts/clean.json" "$tmp/cohort" >/dev/null
python3 "$here/manifest.py" "${DCMRISK:-$build/dcmrisk}" "$tmp/cohort/dicom" "$tmp"
