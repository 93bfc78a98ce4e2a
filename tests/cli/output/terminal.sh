# On a terminal: progress, colour, and lines no longer than it is wide; elsewhere none of that.
command -v script >/dev/null || { echo "no script(1)"; exit 77; }
# Files that take a while: a second, all of them.
mkdir data
awk 'BEGIN { for (i = 0; i < 40000; i++) printf "%s{\"a%d\":[%d]}", i ? "," : "[", i, i; print "]" }' >data/0.json
for i in 1 2 3 4 5 6 7 8 9 10 11; do cp data/0.json data/$i.json; done
export TERM=xterm
# on COLUMNS COMMAND...: what a terminal of that width gets
on() {
    columns=$1
    shift
    script -qec "stty cols $columns; $*" /dev/null </dev/null
}
esc=$(printf '\033')
for columns in 40 60 80 200; do
    for c in --help assess table completion; do
        [ $c = --help ] || c="$c --help"
        on $columns "$DCMRISK $c" | tr -d '\r' >out
        # What stands as it is, an example, may be longer.
        awk -v n="$columns" 'length($0) > (n > 80 ? 80 : n) && !/^  (bash|zsh|fish):/ { print n ": " $0 }' out
        [ "$(wc -l <out)" -gt 10 ] || echo "nothing on $columns columns"
    done
done
echo '# progress'
progress() { tr '\r' '\n' <out | grep -c '^\[[#.]*\] *[0-9]*% .*/12 files, .* left' | sed 's/^[1-9][0-9]*$/some/'; }
on 80 "$DCMRISK scan data -j1 -o a.scan" >out
progress
on 30 "$DCMRISK scan data -j1 -o b.scan" >out
tr '\r' '\n' <out | sed -n "s/$esc\[K//g; /%/p" >lines
awk 'length($0) > 29 || /#/' lines # a bar does not fit
[ -s lines ] || echo "nothing in 30 columns"
on 80 "$DCMRISK scan data -q -j1 -o c.scan" >out
cat out
on 80 "$DCMRISK scan data -j1 -o d.scan 2>err" >out
cat out err
TERM=dumb on 80 "$DCMRISK scan data -j1 -o e.scan" | tr -d '\r'
mkdir text
echo text >text/a.txt
echo '# colour'
colour() { grep -c "$esc\[3[1-3]m" out | sed 's/^[1-9][0-9]*$/some/'; }
on 80 "$DCMRISK assess text" >out
colour
on 80 "NO_COLOR=1 $DCMRISK assess text" >out
colour
on 80 "$DCMRISK assess text --color never" >out
colour
on 80 "$DCMRISK rules list" >out
colour
"$DCMRISK" rules list >out
colour
"$DCMRISK" rules list --color always >out
colour
CLICOLOR_FORCE=1 "$DCMRISK" rules list >out
colour
