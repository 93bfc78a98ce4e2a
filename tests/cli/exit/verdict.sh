# jobs
# Every verdict has its status, and --exit-zero masks 1 and 3 and no other.
"$MKCOHORT" "$TOP/tests/data/cohorts/clean.json" c >/dev/null
sed 's/"k": 11/"k": 13/' "$TOP/rules/policies/public-release.json" >thirteen.json
mkdir empty
: >file
try() {
    "$DCMRISK" assess -q -j "$JOBS" --out o --format text "$@"
    echo "status $?: $*"
}
for mask in "" --exit-zero; do
    # shellcheck disable=SC2086 # nothing, or one word
    set -- $mask
    try c/dicom "$@"
    # The cohort has 12 people in every class.
    try c/dicom --policy thirteen.json "$@"
    try empty "$@"
    try c/dicom --policy public-releas "$@"
    try missing "$@"
    try c/dicom --out file/x "$@"
done
# A file that was not read to its end: never a pass.
first=$(find c/dicom -type f | sort | head -n 1)
head -c 200 "$first" >part && cat part >"$first"
try c/dicom
try c/dicom --exit-zero
head -n 1 o/report.txt | cut -d: -f1
