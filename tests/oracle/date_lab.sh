#!/bin/sh
# The date laboratory against 1,000 generated calendars, moved as published tools move them.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
"$python" "$here/date_lab.py" "$build/datelab"
