#!/bin/sh
# The documents against what they tell of: the reference of the JSON is made from the schemas,
# every key of them is described, links lead somewhere, every rule file and every test is named,
# the worked rule works.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
tmp=${TMP:-$(mktemp -d)}
python=/usr/bin/python3
cd "$top"
"$python" reports/generate.py >"$tmp/README.md"
diff -u reports/README.md "$tmp/README.md" || {
    echo "reports/README.md is not what its schemas say: make docs"
    exit 1
}
"$python" tests/oracle/docs.py "$top" "${DCMRISK:-${BUILD:-build/release}/dcmrisk}" "$tmp"
