# Where a file is wanted: a folder, a name that nothing has, a link to itself and an empty name are wrong
# words, so status 2, wherever they stand; a line tells the four.  A device is never replaced by a file.
mkdir folder dicom
ln -s loop loop
printf 'a,b\n1,2\n' >t.csv
echo hello >dicom/a.txt
"$DCMRISK" assess dicom --out r -q >out
"$DCMRISK" scan dicom --shard 1/2 -q -o shard
four() {
    echo "$*:"
    for name in folder missing loop ''; do
        "$DCMRISK" "$@" "$name" >out 2>err
        echo "  $? $(cat err)"
    done
}
four report
four table --qi a
four table t.csv --qi a --population-table
four merge shard -o m
four rules check # where a folder, of rules, is right
for option in project baseline population-table table originals digest-key; do
    four assess dicom -q --out r "--$option"
done
four assess -q --out r --files-from
# Policies have names besides.
for file in ./folder ./missing ./loop; do
    "$DCMRISK" assess dicom -q --out r --policy "$file" 2>&1
    echo "policy: $?"
done
# Where a file will be written.
to() {
    "$DCMRISK" "$@" folder >out 2>err
    echo "$* folder: $? $(cat err)"
}
to table t.csv --qi a --out
to table t.csv --qi a --records
to scan dicom -q -o
to scan dicom -q --shard 1/2 -o
to merge shard --partial -q -o
to report r/report.json --out r2 --summary
to assess dicom -q --out r --scan
to assess dicom -q --out r --manifest
mkfifo pipe
"$DCMRISK" assess dicom -q --out r --manifest pipe 2>&1
echo "manifest: $?, $(find pipe -type p)"
rmdir folder # nothing was put there
