#!/bin/sh
# Pictures of an HTML report, to be looked at: light, dark, 390 pixels wide, and as printed.
# Not part of make test.
#
# usage: tests/web/shots.sh OUT_DIR [REPORT.json]
#
# Needs chromium; DCMRISK names the program (default build/dcmrisk), CHROMIUM the browser.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: shots.sh OUT_DIR [REPORT.json]}
json=${2:-$here/sample.json}
: "${DCMRISK:=$here/../../build/dcmrisk}"
: "${CHROMIUM:=chromium}"
mkdir -p "$out"
out=$(cd "$out" && pwd)
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

"$DCMRISK" report "$json" --format html --out "$out"
page=$out/report.html
xmllint --noout "$page"

browse() {
    timeout 120 "$CHROMIUM" --headless --no-sandbox --disable-gpu --user-data-dir="$profile" \
        --disable-background-networking --disable-sync --no-first-run --hide-scrollbars \
        "$@" >/dev/null 2>>"$out/browser.log"
}

# A window has a least width, so the telephone is a frame in a wider one; what does not fit
# into 390 pixels shows as a cut edge.
phone=$profile/phone.html
printf '<body style="margin:0"><iframe src="file://%s" style="border:0;width:390px;height:6000px"></iframe>' \
    "$page" >"$phone"

: >"$out/browser.log"
browse --window-size=1280,900 --screenshot="$out/first.png" "file://$page"
browse --window-size=1280,7000 --screenshot="$out/light.png" "file://$page"
browse --blink-settings=preferredColorScheme=0 --window-size=1280,7000 \
    --screenshot="$out/dark.png" "file://$page"
browse --window-size=500,6000 --screenshot="$out/phone.png" "file://$phone"
browse --no-pdf-header-footer --print-to-pdf="$out/report.pdf" "file://$page"

# The page may ask for nothing: the browser says so when its policy stops something.
if grep -i 'content security policy' "$out/browser.log"; then
    echo "shots: the report's own policy stopped something" >&2
    exit 1
fi
ls -l "$out"
