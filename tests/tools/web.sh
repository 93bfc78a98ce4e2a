#!/bin/sh
# Makes a browser, a validator and what drives them ready: Debian packages, and the npm packages
# of tests/web/package-lock.json below build/web.  Prints what is missing; status 77 then, or 1
# when WEB=required (CI), where pages may not go unlooked at.
#
# usage: web.sh        (WEB_PACKAGES: Debian packages, from the Makefile)
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
where=$top/build/web
: "${WEB:=}"
: "${WEB_PACKAGES:=}"

without() { # what is missing
    [ "$WEB" != required ] || {
        echo "web: $1, and WEB=required" >&2
        exit 1
    }
    echo "no browser tests here: $1"
    exit 77
}

have() {
    command -v chromium >/dev/null && command -v java >/dev/null &&
        command -v pdftotext >/dev/null && command -v npm >/dev/null &&
        [ "$(node -p 'process.versions.node.split(".")[0] >= 18' 2>/dev/null)" = true ]
}

# Two tests may start at once: the second waits for what the first installs.
mkdir -p "$where"
exec 9>"$where/.lock"
flock 9
if ! have && [ -n "$WEB_PACKAGES" ]; then
    # shellcheck disable=SC2086 # a list
    sh "$top/tests/tools/deps.sh" $WEB_PACKAGES || true
fi
have || without "chromium, node, npm, java or pdftotext is missing ($WEB_PACKAGES)"
if ! cmp -s "$top/tests/web/package-lock.json" "$where/.installed"; then
    cp "$top/tests/web/package.json" "$top/tests/web/package-lock.json" "$where"
    (cd "$where" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
        without "npm could not install tests/web/package-lock.json"
    cp "$top/tests/web/package-lock.json" "$where/.installed"
fi
