#!/bin/sh
# Man pages: every command has one, every option that --help lists stands in it, with its default;
# formatters have nothing to say against them; SOURCE_DATE_EPOCH dates them.
set -u
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
bad=0
say() {
    echo "$1"
    bad=1
}
needs_program scdoc
cd "$top" || exit 1
man=$work/man
SOURCE_DATE_EPOCH=31536000 sh .packaging/man/build.sh "$build/manpage" "$man" || exit 1
SOURCE_DATE_EPOCH=31536000 TZ=Pacific/Auckland sh .packaging/man/build.sh "$build/manpage" "$work/again" || exit 1
diff -r "$man" "$work/again" || say "two builds differ"
grep -L '^\.TH.*"1971-01-01"' "$man"/* | grep . && say "those are not of 1971-01-01"
commands=$("$dcmrisk" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p')
n=0
# plain PAGE: its text without roff
plain() {
    sed -e 's/\\f[BIRP]//g' -e 's/\\-/-/g' -e 's/\\&//g' "$1"
}
plain "$man/dcmrisk.1" >"$work/all"
for c in $commands; do
    page=$man/dcmrisk-$c.1
    [ -f "$page" ] || {
        say "no page of $c"
        continue
    }
    grep -q "dcmrisk-$c" "$work/all" || say "dcmrisk(1) does not name $c"
    plain "$page" >"$work/page"
    "$dcmrisk" "$c" --help >"$work/help"
    grep -oE '^(  -., |      )--[a-z-]+' "$work/help" | grep -oE -- '--[a-z-]+' >"$work/options"
    while read -r o; do
        n=$((n + 1))
        grep -qE -- "^(-., )?$o( |\$)" "$work/page" || say "$page: no $o"
    done <"$work/options"
    tr -s ' \n' '  ' <"$work/help" | grep -oE '\[[^]]*\]' | sort -u >"$work/defaults"
    tr -s ' \n' '  ' <"$work/page" >"$work/line"
    while read -r d; do
        grep -qF -- "$d" "$work/line" || say "$page: no $d"
    done <"$work/defaults"
    for part in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' 'SEE ALSO'; do
        grep -q "^.SH $part" "$page" || say "$page: no $part"
    done
done
[ "$n" -ge 60 ] || say "only $n options were looked for"
# Pages that are named are there.
for f in "$man"/*; do
    plain "$f" | grep -oE 'dcmrisk(-[a-z]+)?\([15]\)' | sort -u | tr '()' '. ' |
        while read -r name; do [ -f "$man/$name" ] || echo "$(basename "$f") names $name"; done
done >"$work/missing"
[ ! -s "$work/missing" ] || say "$(cat "$work/missing")"
# scdoc writes a paragraph macro too many, long lines, and titles as they are; nothing else may be said.
if command -v mandoc >/dev/null; then
    mandoc -T lint "$man"/* | grep -vE 'skipping paragraph macro|lower case character in document title|longer than 80 bytes' &&
        say "mandoc has something to say"
fi
if command -v man >/dev/null && command -v groff >/dev/null; then
    for f in "$man"/*; do
        LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$f" 2>&1 >"$work/shown" | grep . && say "groff has something to say"
        [ "$(wc -l <"$work/shown")" -gt 20 ] || say "$f shows nothing"
    done
fi
exit "$bad"
