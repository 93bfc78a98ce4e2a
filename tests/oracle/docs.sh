#!/bin/sh
# The documents against what they tell of: the reference of the JSON is made from the schemas,
# every key of them is described, links lead somewhere, every rule file and every test is named,
# the worked rule works.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
cd "$top"
"$python" reports/generate.py >"$work/README.md"
diff -u reports/README.md "$work/README.md" || {
    echo "reports/README.md is not what its schemas say: make docs"
    exit 1
}
"$python" tests/oracle/docs.py "$top" "$dcmrisk" "$work"
