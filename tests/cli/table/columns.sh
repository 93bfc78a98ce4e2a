# Columns that are not there, or twice, are refused before a figure is computed.
printf 'age,sex,ward,ward,weight\n1,M,a,b,2\n2,F,a,b,3\n' >t.csv
try() {
    "$DCMRISK" table "$@"
    echo "status $?"
}
try t.csv --qi agee,sex
try t.csv --qi age,nothing-like-it
try t.csv --qi age,age
try t.csv --qi age,sex --sensitive sex
try t.csv --qi age,sex --subject age
try t.csv --qi age,ward
try t.csv --qi age --sensitive ward
try t.csv --qi age --weight wieght
try t.csv --qi age --subject patient
try t.csv --qi age,
try t.csv --qi=
try t.csv
try --qi age
try t.csv t.csv --qi age
try t.csv --qi age --delimiter ';;'
try t.csv --qi age --delimiter '"'
try t.csv --qi age --delimiter=
try t.csv --qi age --metrics all,sudda
awk 'BEGIN { for (i = 1; i < 66; i++) printf "c%d%s", i, i < 65 ? "," : "\n" }' >wide.csv
try wide.csv --qi "$(head -n 1 wide.csv)"
