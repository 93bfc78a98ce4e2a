# Tables with a defined answer: nothing in them, one row, all equal, all unique, very wide, one
# large cell, the same text in other forms.
say() { # what file arguments...: the figures in one line
    what=$1
    shift
    if "$DCMRISK" table "$@" --metrics k >doc.json; then
        tr -d ' \n' <doc.json | sed -e 's/.*"records":\([0-9]*\),"subjects":\([0-9]*\),"inferred_subjects":\([0-9]*\),"classes":\([0-9]*\).*"k_min":\([0-9nul]*\).*"k_max":\([0-9nul]*\),"unique":\([0-9]*\).*/records \1 subjects \2 inferred \3 classes \4 k_min \5 k_max \6 unique \7/' -e "s/^/$what: /"
        echo
    else
        echo "$what: ended with $?"
    fi
}
printf 'a,b\n' >t.csv
say "no row" t.csv --qi a,b
printf 'a,b' >t.csv
say "a header without its end" t.csv --qi a,b
printf 'a,b\n1,2\n' >t.csv
say "one row" t.csv --qi a,b
printf 'a,b\n1,2\n1,2\n1,2\n' >t.csv
say "all equal" t.csv --qi a,b
printf 'a,b\n1,1\n1,2\n2,1\n2,2\n' >t.csv
say "all unique" t.csv --qi a,b
printf 'a\n\n\n1\n' >t.csv
say "one column with empty lines" t.csv --qi a
printf 'a,b\n\n1,1\n\n1,1\n\n' >t.csv
say "empty lines between" t.csv --qi a,b
printf '\357\273\277"a",b\r\n"1","1"\r\n1,1\r\n' >t.csv
say "BOM, CRLF and quotes" t.csv --qi a,b
printf 'a\tb\n1\t1\n1\t1\n' >t.csv
say "tabs" t.csv --qi a,b --delimiter tab
printf 'a,b\n 1,1\n1 ,1\n1,1\n' >t.csv
say "blanks" t.csv --qi a,b
say "blanks trimmed" t.csv --qi a,b --trim
printf 'a,b\nNA,1\n,1\n-,1\n"",1\n' >t.csv
say "four words for missing" t.csv --qi a,b
say "one" t.csv --qi a,b --na NA --na -
printf 'a,b\n,1\n1,\n1,1\n2,2\n,\n' >t.csv
say "missing as category" t.csv --qi a,b
say "missing as wildcard" t.csv --qi a,b --missing wildcard
printf 'a,who\n1,p\n1,p\n1,\n1,\n2,q\n' >t.csv
say "subjects, two of them not known" t.csv --qi a --subject who
grep -h k_low doc.json
awk 'BEGIN { for (r = 0; r < 3; r++) for (i = 0; i < 1000000; i++) printf "%s%s", r ? i % 3 : "c" i, i < 999999 ? "," : "\n" }' >t.csv
say "a million columns" t.csv --qi c0,c999999
awk 'BEGIN { print "a,b"; x = "0123456789"; for (i = 0; i < 20; i++) x = x x; printf "1,\"%s\"\n1,%sx\n1,%sx\n", x, x, x }' >t.csv
say "cells of 10 MB" t.csv --qi a,b
awk 'BEGIN { print "a,b"; for (i = 0; i < 300000; i++) print "7,9" }' >t.csv
say "piped" - --qi a,b <t.csv
say "threads" t.csv --qi a,b -j 4
rm t.csv
