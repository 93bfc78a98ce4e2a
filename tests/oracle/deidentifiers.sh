#!/bin/sh
# What three de-identifiers leave with their default settings, and the marks of twelve: each row that
# is left is found, each that is clean is left alone, each tool is told from the others.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
needs pydicom
"$python" "$here/deidentifiers.py" "$dcmrisk" "$work"
