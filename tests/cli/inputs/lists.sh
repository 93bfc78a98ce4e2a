# Lists of paths, as people make them: each is read as meant, or refused with a way out.  What
# was read is counted in the scan file.
mkdir -p 'd/a b' d/hollow
for f in 1 2 'a b/3'; do printf 'text %s\n' "$f" >"d/$f.txt"; done
scan() {
    rm -f s
    "$DCMRISK" scan "$@" -q -o s
    code=$?
    [ "$code" -ne 0 ] || sqlite3 s "SELECT status || ' ' || path FROM file ORDER BY path"
    echo "status $code"
}
echo '# lines, relative to the working folder, twice, without a last newline, with what is missing'
printf 'd/1.txt\n\n./d//1.txt\nd/a b/3.txt\nmissing' | scan -
echo '# -0, from a file, as find writes it: with folders'
find d -print0 >list
scan --files-from list -0
echo '# the same from INPUT -'
find d -print0 | scan - -0
echo '# CR LF, with a byte order mark'
printf '\357\273\277d/1.txt\r\nd/2.txt\r\n' | scan -
echo '# a CR that is part of a name stays'
: >"$(printf 'cr\r')"
printf 'cr\r\nd/1.txt\n' | scan - | tr '\r' '#'
echo '# a folder of which nothing is listed'
printf 'd\nd-1\n' | scan -
echo '# an empty list, blank lines'
scan - </dev/null
printf '\n\n' | scan -
echo '# NUL and newline taken for each other'
printf 'd/1.txt\0d/2.txt\0' | scan -
printf 'd/1.txt\nd/2.txt\n' | scan - -0
echo '# two ways to say what is read'
echo d/1.txt | scan - -
echo d/1.txt | scan - d
scan --files-from list d
scan d -0
scan
echo '# a list that is not there, or is a folder'
scan --files-from nothing
scan --files-from d
echo '# a pattern goes with a list too'
printf 'd/1.txt\n' | "$DCMRISK" inspect --files-from - no-such-attribute
