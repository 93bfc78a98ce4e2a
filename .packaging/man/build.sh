#!/bin/sh
# Makes the man pages: what the option tables know (manpage.c), the prose beside this script
# (NAME.scd: what stands above a line of "----" goes before the options, the rest behind them;
# NAME.5.scd as it stands), and scdoc, which dates them by SOURCE_DATE_EPOCH.
# usage: build.sh MANPAGE OUT    MANPAGE: the program made of manpage.c
set -eu
here=$(dirname "$0")
manpage=$1
out=$2
version=$(sed -n 's/^.define DCMRISK_VERSION "\(.*\)"/\1/p' "$here/../../include/dcmrisk/dcmrisk.h")
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
rm -rf "$out"
mkdir -p "$out"

# page NAME [COMMAND]: a page of section 1.
page() {
    prose=$here/$1.scd
    [ -f "$prose" ] || prose=/dev/null
    {
        "$manpage" head ${2:+"$2"} | sed "1s/\$/ \"dcmrisk $version\" \"dcmrisk\"/"
        grep -qx -e ---- "$prose" && sed '/^----$/,$d' "$prose"
        "$manpage" options ${2:+"$2"}
        "$manpage" exits ${2:+"$2"}
        if grep -qx -e ---- "$prose"; then sed '1,/^----$/d' "$prose"; else cat "$prose"; fi
        echo
        cat "$here/common.scd"
    } | scdoc >"$out/$1.1"
}

page dcmrisk
"$manpage" options | sed -n 's/^\*dcmrisk-\([a-z]*\)\*(1)$/\1/p' | while read -r command; do
    page "dcmrisk-$command" "$command"
done
for f in "$here"/*.5.scd; do
    [ -f "$f" ] || continue
    name=$(basename "$f" .scd)
    { sed "1s/\$/ \"dcmrisk $version\" \"dcmrisk\"/" "$f"; } | scdoc >"$out/$name"
done
