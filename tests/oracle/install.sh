#!/bin/sh
# A staged `make install`: what is there, with which modes, that it runs from there and names no
# folder it was built in; `make uninstall` takes all of it away and nothing else.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
tmp=${TMP:-$(mktemp -d)}
[ "${MODE:-release}" = release ] || {
    echo "what is installed is the release"
    exit 77
}
cd "$top"
stage=$tmp/stage
status=0
wrong() {
    echo "$*"
    status=1
}
mkdir -p "$stage/usr/share/dcmrisk"
echo mine >"$stage/usr/share/dcmrisk/mine"
(umask 077 && make install DESTDIR="$stage" PREFIX=/usr) >"$tmp/log" 2>&1 || {
    cat "$tmp/log"
    exit 1
}
find "$stage/usr" -type f ! -perm 644 ! -path '*/bin/dcmrisk' >"$tmp/modes"
[ ! -s "$tmp/modes" ] || wrong "not 644: $(cat "$tmp/modes")"
find "$stage/usr" -mindepth 1 -type d ! -perm 755 >"$tmp/modes"
[ ! -s "$tmp/modes" ] || wrong "not 755: $(cat "$tmp/modes")"
[ "$(stat -c %a "$stage/usr/bin/dcmrisk")" = 755 ] || wrong "the program is not 755"
for f in share/dcmrisk/reports/report.schema.json share/dcmrisk/rules/policies/public-release.json \
    share/doc/dcmrisk/README.md share/bash-completion/completions/dcmrisk \
    share/zsh/site-functions/_dcmrisk share/fish/vendor_completions.d/dcmrisk.fish; do
    [ -f "$stage/usr/$f" ] || wrong "$f is not installed"
done
if command -v scdoc >/dev/null; then
    ls "$stage/usr/share/man/man1" >"$tmp/pages"
    "$stage/usr/bin/dcmrisk" --help | sed -n 's/^  \([a-z][a-z]*\)  .*/dcmrisk-\1.1/p' |
        while read -r page; do grep -qx "$page" "$tmp/pages" || echo "no page $page"; done >"$tmp/none"
    [ ! -s "$tmp/none" ] || wrong "$(cat "$tmp/none")"
fi
! grep -rlF "$top" "$stage" || wrong "(above: a path of the build tree)"
mkdir "$tmp/empty"
(cd "$tmp/empty" && env -i "$stage/usr/bin/dcmrisk" rules list policies | grep -q public-release) ||
    wrong "the installed program does not run alone"
make uninstall DESTDIR="$stage" PREFIX=/usr >"$tmp/log" 2>&1 || wrong "$(cat "$tmp/log")"
left=$(cd "$stage" && find . -type f)
[ "$left" = ./usr/share/dcmrisk/mine ] || wrong "left: $left"
make install DESTDIR="$stage" PREFIX=/usr MODE=asan >"$tmp/log" 2>&1 && wrong "MODE=asan is installed"
exit "$status"
