#!/bin/sh
# Policies, project files and acceptances: what `dcmrisk rules check` takes is what the JSON Schema
# takes, for files that are right and for each of them changed in every place.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
needs jsonschema
"$python" "$here/user_files.py" "$dcmrisk" "$work"
