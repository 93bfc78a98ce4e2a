#!/bin/sh
# Writes assembly that holds the given files and a table of them (see embed.h).
# usage: embed.sh FILE...
set -eu
root=$(pwd)
echo '    .section .rodata'
i=0
for f in "$@"; do
    printf '    .balign 16\ndcr_embed_%d:\n    .incbin "%s/%s"\ndcr_embed_%d_end:\n    .byte 0\n' \
        "$i" "$root" "$f" "$i"
    printf 'dcr_embed_%d_name:\n    .asciz "%s"\n' "$i" "$f"
    i=$((i + 1))
done
echo '    .section .data.rel.ro,"aw"'
echo '    .balign 8'
echo '    .globl dcr_embedded'
echo '    .type dcr_embedded, @object'
echo 'dcr_embedded:'
n=$i
i=0
while [ "$i" -lt "$n" ]; do
    printf '    .quad dcr_embed_%d_name\n    .quad dcr_embed_%d\n    .quad dcr_embed_%d_end\n' "$i" "$i" "$i"
    i=$((i + 1))
done
printf '    .quad 0\n    .quad 0\n    .quad 0\n'
echo '    .section .note.GNU-stack,"",@progbits'
