#!/bin/sh
# Every file of rules/ against its JSON Schema.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
needs jsonschema
"$python" "$here/rules_schema.py"
