#!/bin/sh
# Policies, project files and acceptances: what `dcmrisk rules check` takes is what the JSON Schema
# takes, for files that are right and for each of them changed in every place.
# needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
if ! "$python" -c 'import jsonschema' 2>/dev/null; then
    echo "skipped: no jsonschema"
    exit 77
fi
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/user.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$python" "$here/user_files.py" "${DCMRISK:-$build/dcmrisk}" "$work"
