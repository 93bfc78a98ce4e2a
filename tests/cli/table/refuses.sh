# What table refuses, each with the way out; nothing of the table's values is said.
try() {
    echo "-- $*" >&2
    "$DCMRISK" table "$@" >out
    echo "ends with $?" >&2
    [ ! -s out ] || echo "it printed something"
}
printf 'age,sex,who,w,diag\n34,M,p1,2.5,A\n35,F,p2,3,B\n' >good.csv
try
try good.csv
try good.csv --qi
try good.csv --qi agee
try good.csv --qi zzzzzzzz
try good.csv --qi age,age
try good.csv --qi age,sex --sensitive sex
try good.csv --qi age --subject age
try good.csv --qi age --subject whom
try good.csv --qi age --fraction 1.5
try good.csv --qi age --fraction 0
try good.csv --qi age --fraction nan
try good.csv --qi age --population 1
try good.csv --qi age --population 0
try good.csv --qi age --population 10 --fraction 0.2
try good.csv --qi age --population-table none.csv
try good.csv --qi age --metrics k,risks
try good.csv --qi age --missing wild
try good.csv --qi age --delimiter ab
try good.csv --qi age --delimiter '"'
try good.csv --qi age --delimiter ';'
try none.csv --qi age
try . --qi age
try good.csv good.csv --qi age
try good.csv --qi age --out no/such/folder/x.json
try good.csv --qi age --records no/such/folder/x.csv
head='age,sex,w\n'
bad() { # text arguments...
    # shellcheck disable=SC2059 # a format is wanted
    printf "$head$1" >bad.csv
    shift
    try bad.csv --qi age "$@"
}
bad '34,M,2\n35,F\n'
bad '34,M,2\n35,F,2,9\n'
bad '34,M,2\n\n\n35,"F\n\n",2\n36,M\n'
bad '34,M,2\n35,"F,2\n'
bad '34,M,2\n35,"F"x,2\n'
bad '34,M,2\n35,F"x,2\n'
bad '34,M,2\r35,F,3\r'
bad '34,M,2\n35,\000,2\n'
bad '34,M,2\n35,\344,2\n'
bad '34,M,2\n35,F,0.99\n' --weight w
bad '34,M,2\n35,F,-1\n' --weight w
bad '34,M,2\n35,F,nan\n' --weight w
bad '34,M,2\n35,F,inf\n' --weight w
bad '34,M,2\n35,F,1e13\n' --weight w
bad '34,M,2\n35,F,\n' --weight w
bad '34,M,2\n\n35,F,"2,5"\n' --weight w
bad '34,M,2\n35,M,2.5\n' --weight w --subject sex
: >bad.csv
try bad.csv --qi age
printf 'age,sex,sex\n1,2,3\n' >bad.csv
try bad.csv --qi age,sex
printf '\377\376a\000g\000e\000\n\000' >bad.csv
try bad.csv --qi age
mv out out.kept
"$DCMRISK" table good.csv --qi "$(awk 'BEGIN { for (i = 0; i < 65; i++) printf "%sc%d", i ? "," : "", i }')" >out
echo "65 columns: ends with $?" >&2
