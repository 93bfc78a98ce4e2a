# Tables beside the images that cannot be read are refused before anything is scanned: the file, the
# line and a way out are told, never what stands in a cell.
mkdir data
try() {
    "$DCMRISK" assess data --out report "$@"
    echo "status $?"
}
try --population-table missing.csv
: >empty.csv
try --population-table empty.csv
printf 'name,ward\nGeheim,1\n' >nothing.csv
try --population-table nothing.csv
printf 'sex,PatientSex,SEX\nM,M,M\n' >twice.csv
try --population-table twice.csv
printf 'subject,exam_date\n1,2020-01-02\n2,Geheim\n' >date.csv
try --population-table date.csv
printf 'subject;height\n1;1.75\n\n2;181\n' >height.csv
try --population-table height.csv
printf 'subject,sex\n1,M\n2\n' >ragged.csv
try --population-table ragged.csv
printf 'subject,sex\n1,M\n2,"F\n' >quote.csv
try --population-table quote.csv
printf 'subject,sex\n1,M\n2,F\000\n' >nul.csv
try --population-table nul.csv
printf 'Patient,smoker\nA,Geheim\n' >clinical.csv
try --table clinical.csv --join patient_id
try --table clinical.csv --join Patiet
try --table clinical.csv --table-qi smoke
printf 'case,smoker\nA,Geheim\n' >unnamed.csv
try --table unnamed.csv
try --join case
printf '{"schema": "dcmrisk-project/1", "population": {"table": "date.csv"}}' >project.json
try --project project.json
printf '{"schema": "dcmrisk-project/1", "population": {"size": 0}}' >size.json
try --project size.json
[ ! -e report ] || echo "a report was begun"
