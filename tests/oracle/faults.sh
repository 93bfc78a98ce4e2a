#!/bin/sh
# Files that break readers, full disks, forbidden folders: every file is accounted for with a true
# reason, nothing hangs, nothing passes that was not read, no worker grows beyond its bound.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
"$python" "$here/faults.py" "$mkcohort" "$dcmrisk" "$specs/clean.json" "$work"
