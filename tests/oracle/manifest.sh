#!/bin/sh
# The manifest of a dataset against an independent script: roots over contents and over headers,
# with and without a key, for names of any bytes, and sha256sum's word on the list.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
"$mkcohort" "$specs/clean.json" "$work/cohort" >/dev/null
"$python" "$here/manifest.py" "$dcmrisk" "$work/cohort/dicom" "$work"
