#!/bin/sh
# Link keys of cohorts that were remapped by the published methods of de-identifiers, written
# anew in Python (hashlib, uuid, pydicom): told by their form, proven with --originals.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
needs pydicom
"$python" "$here/link_keys.py" "$build/mkcohort" "$build/dcmrisk" "$work"
