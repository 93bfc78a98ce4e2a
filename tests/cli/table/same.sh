# jobs
# The ways RFC 4180 has of writing one table (and a BOM) give the same bytes.
figures() {
    "$DCMRISK" table - -j "$JOBS" --qi a,b --sensitive s --records records.csv
    cat records.csv
}
printf 'a,b,s\n1,x,1\n1,x,2\n2,y,1\n3,,2\n' | figures >plain
cmp_with() {
    figures >other
    cmp plain other && echo "$1: same"
}
printf '"a","b","s"\n"1","x","1"\n"1","x","2"\n"2","y","1"\n"3","","2"\n' | cmp_with 'quoted'
printf 'a,b,s\r\n1,x,1\r\n1,x,2\r\n2,y,1\r\n3,,2\r\n' | cmp_with 'CRLF'
printf 'a,b,s\r\n1,x,1\n1,x,2\r\n2,y,1\n3,,2\r\n' | cmp_with 'CRLF here and there'
printf '\357\273\277a,b,s\n1,x,1\n1,x,2\n2,y,1\n3,,2\n' | cmp_with 'BOM'
printf '\357\273\277"a","b","s"\r\n"1",x,"1"\r\n1,"x",2\r\n2,y,1\r\n3,"",2' |
    cmp_with 'BOM, quotes, CRLF, no end'
printf 'a,b,s\n1,"x\n""z"", no",1\n1,"x\n""z"", no",2\n2,y,1\n3,,2\n' | cmp_with 'cells of two lines'
printf 'a,b,s\n\n1,x,1\n1,x,2\n\r\n2,y,1\n3,,2\n\n' | cmp_with 'empty lines'
printf 'note,s,b,a\n"a\n\nb",1,x,1\n"a,b",2,x,1\n,1,y,2\n"""",2,,3\n' | cmp_with 'other columns, other order'
