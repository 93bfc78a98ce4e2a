# Every command explains itself the same way from three places, within 80 columns.
"$DCMRISK" --help >all || exit
"$DCMRISK" help >again && cmp all again
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' all | grep -v '^help$')
[ -n "$commands" ] || echo "no commands in --help"
for c in $commands; do
    "$DCMRISK" "$c" --help >one || echo "$c --help ends with $?"
    "$DCMRISK" help "$c" >two || echo "help $c ends with $?"
    "$DCMRISK" "$c" --no-such-option -h >/dev/null 2>&1 && echo "$c takes any option"
    cmp one two
    head -n 1 one | grep -q "^Usage: dcmrisk $c" || echo "$c --help has no usage line"
    grep -q '^  -h, --help' one || echo "$c --help lists no options"
    grep -q '^Exit status: 0' one || echo "$c --help names no exit status"
    cat one >>all
done
awk 'length($0) > 80 { print "over 80 columns: " $0 }' all
echo "$commands" | grep -qx assess && echo "assess is there"
