#!/bin/sh
# Man pages: every command has one, every option that --help lists stands in it, with its default;
# formatters have nothing to say against them; SOURCE_DATE_EPOCH dates them.
set -u
bad=0
say() {
    echo "$1"
    bad=1
}
if ! command -v scdoc >/dev/null; then
    echo "no scdoc"
    exit 77
fi
man=$TMP/man
SOURCE_DATE_EPOCH=31536000 sh .packaging/man/build.sh "$BUILD/manpage" "$man" || exit 1
SOURCE_DATE_EPOCH=31536000 TZ=Pacific/Auckland sh .packaging/man/build.sh "$BUILD/manpage" "$TMP/again" || exit 1
diff -r "$man" "$TMP/again" || say "two builds differ"
grep -L '^\.TH.*"1971-01-01"' "$man"/* | grep . && say "those are not of 1971-01-01"
commands=$("$DCMRISK" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p')
n=0
# plain PAGE: its text without roff
plain() {
    sed -e 's/\\f[BIRP]//g' -e 's/\\-/-/g' -e 's/\\&//g' "$1"
}
plain "$man/dcmrisk.1" >"$TMP/all"
for c in $commands; do
    page=$man/dcmrisk-$c.1
    [ -f "$page" ] || {
        say "no page of $c"
        continue
    }
    grep -q "dcmrisk-$c" "$TMP/all" || say "dcmrisk(1) does not name $c"
    plain "$page" >"$TMP/page"
    "$DCMRISK" "$c" --help >"$TMP/help"
    grep -oE '^(  -., |      )--[a-z-]+' "$TMP/help" | grep -oE -- '--[a-z-]+' >"$TMP/options"
    while read -r o; do
        n=$((n + 1))
        grep -qE -- "^(-., )?$o( |\$)" "$TMP/page" || say "$page: no $o"
    done <"$TMP/options"
    tr -s ' \n' '  ' <"$TMP/help" | grep -oE '\[[^]]*\]' | sort -u >"$TMP/defaults"
    tr -s ' \n' '  ' <"$TMP/page" >"$TMP/line"
    while read -r d; do
        grep -qF -- "$d" "$TMP/line" || say "$page: no $d"
    done <"$TMP/defaults"
    for part in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' 'SEE ALSO'; do
        grep -q "^.SH $part" "$page" || say "$page: no $part"
    done
done
[ "$n" -ge 60 ] || say "only $n options were looked for"
# Pages that are named are there.
for f in "$man"/*; do
    plain "$f" | grep -oE 'dcmrisk(-[a-z]+)?\([15]\)' | sort -u | tr '()' '. ' |
        while read -r name; do [ -f "$man/$name" ] || echo "$(basename "$f") names $name"; done
done >"$TMP/missing"
[ ! -s "$TMP/missing" ] || say "$(cat "$TMP/missing")"
# scdoc writes a paragraph macro too many, long lines, and titles as they are; nothing else may be said.
if command -v mandoc >/dev/null; then
    mandoc -T lint "$man"/* | grep -vE 'skipping paragraph macro|lower case character in document title|longer than 80 bytes' &&
        say "mandoc has something to say"
fi
if command -v man >/dev/null && command -v groff >/dev/null; then
    for f in "$man"/*; do
        LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$f" 2>&1 >"$TMP/shown" | grep . && say "groff has something to say"
        [ "$(wc -l <"$TMP/shown")" -gt 20 ] || say "$f shows nothing"
    done
fi
exit "$bad"
