#!/bin/sh
# Speed and memory, as ratios within one run: `make bench`.  What is measured: README.md here.
# BUILD: where the programs are.  PARTS ("readers growth models suda tables html"): which of them.
# Ends with 0 when all limits hold, 1 when one does not.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
TALLY=$(mktemp "${TMPDIR:-/tmp}/dcmrisk-tally.XXXXXX")
trap 'rm -f "$TALLY"' EXIT
trap 'exit 130' INT TERM
export TALLY

fails() {
    grep -c '^FAIL' "$TALLY" || true
}

printf '%s, %s processors, %s MiB of memory, Linux %s, %s\n' \
    "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" \
    "$(awk '/^MemTotal/ { printf "%d", $2 / 1024 }' /proc/meminfo)" "$(uname -r)" "$(date +%F)"
for part in ${PARTS:-readers growth models suda tables html}; do
    before=$(fails)
    sh "$here/$part.sh" || [ "$(fails)" -gt "$before" ] || echo "FAIL $part ended with an error" >> "$TALLY"
done
if [ "$(fails)" = 0 ]; then
    printf '\nbench: all %d limits held\n' "$(grep -c . "$TALLY")"
else
    printf '\nbench: of %d limits these did not hold\n' "$(grep -c . "$TALLY")"
    sed -n 's/^FAIL */  /p' "$TALLY"
    exit 1
fi
