#!/bin/sh
# Pictures of HTML pages, to be looked at: the first screen and the whole page in slices, light, dark,
# 390 and 320 pixels wide; and the PDF.  Not part of make test.
#
# usage: tests/tools/shots.sh OUT_DIR PAGE.html [SELECTOR...]     with selectors: those parts only
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
sh "$top/tests/tools/web.sh"
exec node "$top/tests/web/shots.mjs" "$@"
