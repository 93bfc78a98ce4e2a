#!/bin/sh
# A staged `make install`: what is there, with which modes, that it runs from there and names no
# folder it was built in; `make uninstall` takes all of it away and nothing else.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
[ "${MODE:-release}" = release ] || skip "what is installed is the release"
cd "$top"
stage=$work/stage
status=0
wrong() {
    echo "$*"
    status=1
}
mkdir -p "$stage/usr/share/dcmrisk"
echo mine >"$stage/usr/share/dcmrisk/mine"
(umask 077 && make install DESTDIR="$stage" PREFIX=/usr) >"$work/log" 2>&1 || {
    cat "$work/log"
    exit 1
}
find "$stage/usr" -type f ! -perm 644 ! -path '*/bin/dcmrisk' >"$work/modes"
[ ! -s "$work/modes" ] || wrong "not 644: $(cat "$work/modes")"
find "$stage/usr" -mindepth 1 -type d ! -perm 755 >"$work/modes"
[ ! -s "$work/modes" ] || wrong "not 755: $(cat "$work/modes")"
[ "$(stat -c %a "$stage/usr/bin/dcmrisk")" = 755 ] || wrong "the program is not 755"
for f in share/dcmrisk/reports/report.schema.json share/dcmrisk/rules/policies/public-release.json \
    share/doc/dcmrisk/README.md share/bash-completion/completions/dcmrisk \
    share/zsh/site-functions/_dcmrisk share/fish/vendor_completions.d/dcmrisk.fish; do
    [ -f "$stage/usr/$f" ] || wrong "$f is not installed"
done
if command -v scdoc >/dev/null; then
    ls "$stage/usr/share/man/man1" >"$work/pages"
    "$stage/usr/bin/dcmrisk" --help | sed -n 's/^  \([a-z][a-z]*\)  .*/dcmrisk-\1.1/p' |
        while read -r page; do grep -qx "$page" "$work/pages" || echo "no page $page"; done >"$work/none"
    [ ! -s "$work/none" ] || wrong "$(cat "$work/none")"
fi
! grep -rlF "$top" "$stage" || wrong "(above: a path of the build tree)"
mkdir "$work/empty"
(cd "$work/empty" && env -i "$stage/usr/bin/dcmrisk" rules list policies | grep -q public-release) ||
    wrong "the installed program does not run alone"
make uninstall DESTDIR="$stage" PREFIX=/usr >"$work/log" 2>&1 || wrong "$(cat "$work/log")"
left=$(cd "$stage" && find . -type f)
[ "$left" = ./usr/share/dcmrisk/mine ] || wrong "left: $left"
make install DESTDIR="$stage" PREFIX=/usr MODE=asan >"$work/log" 2>&1 && wrong "MODE=asan is installed"
exit "$status"
