#!/bin/sh
# Every file of rules/ against its JSON Schema.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || {
    echo "python3-jsonschema is not installed"
    exit 77
}
exec /usr/bin/python3 "$here/rules_schema.py"
