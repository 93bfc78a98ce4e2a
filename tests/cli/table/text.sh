# jobs
# Text that is no table is refused: the file, the line and what is wrong are told, never a cell.
try() {
    printf '%s: ' "$1" >&2
    "$DCMRISK" table -j "$JOBS" --qi age,sex "$2"
    echo "$1: status $?"
}
text() {
    # shellcheck disable=SC2059 # the text is a format on purpose: \000, \377
    printf "$2" >t.csv
    try "$1" t.csv
}
text 'too few cells' 'age,sex\n1,M\n2\n3,F\n'
text 'too many cells' 'age,sex\n1,M\n2,F,Geheim\n'
text 'behind an empty line' 'age,sex\n\n1,M\n\n2\n'
text 'behind a cell of three lines' 'age,sex\n"1\n\n1",M\n2\n'
text 'the last line, without an end' 'age,sex\n1,M\nGeheim'
text 'NUL' 'age,sex\n1,M\n2,Ge\000heim\n'
text 'NUL in the header' 'age,s\000ex\n1,M\n'
text 'NUL in quotes' 'age,sex\n1,M\n2,"Ge\n\000heim"\n'
text 'Latin-1' 'age,sex\n1,M\n2,Gehe\351m\n'
text 'Latin-1 in the header' 'age,sex,gr\366sse\n1,M,1\n'
text 'an overlong slash' 'age,sex\n1,\300\257\n'
text 'a surrogate' 'age,sex\n1,\355\240\200\n'
text 'UTF-16' '\377\376a\000g\000e\000,\000s\000e\000x\000\n\000'
text 'half a character' 'age,sex\n1,M\n2,\342\202'
text 'nothing closes the quote' 'age,sex\n1,M\n2,"Geheim\n3,F\n'
text 'nothing closes that of the header' 'age,"sex\n1,M\n'
text 'a quote within a cell' 'age,sex\n1,M\n2,Ge"heim\n'
text 'text behind a quote' 'age,sex\n1,M\n2,"Ge"heim\n'
text 'CR alone' 'age,sex\n1,M\r2,F\n'
text 'empty' ''
text 'a BOM alone' '\357\273\277'
text 'another delimiter' 'age;sex\n1;M\n'
mkdir folder
try 'a folder' folder
try 'nothing there' missing.csv
try 'a folder that is not there' missing/t.csv
