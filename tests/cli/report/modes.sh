# A report that shows values is private, any other follows the umask; folders are made; no
# temporary file stays; an old file is replaced, and a link is not written through.
umask 022
sed 's/"options": {/"options": {"show_values": false, /' "$TOP/tests/web/sample.json" >plain.json
sed 's/"options": {/"options": {"show_values": true, /' "$TOP/tests/web/sample.json" >secret.json
"$DCMRISK" report plain.json --format json --out a/b//c/ || echo "status $?"
"$DCMRISK" report secret.json --format json --out d || echo "status $?"
stat -c '%a %n' a/b/c/report.json d/report.json
echo "do not touch" >elsewhere
ln -sf ../elsewhere a/b/c/link
mv a/b/c/link d/report.json
"$DCMRISK" report plain.json --format json --out d
stat -c '%a %F %n' d/report.json
cat elsewhere
ls -A d
"$DCMRISK" report plain.json --format json --out plain.json
echo "status $?"
mkdir -p e/report.json
"$DCMRISK" report plain.json --format json --out e
echo "status $?"
ls -A e
