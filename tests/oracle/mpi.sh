#!/bin/sh
# The lines of .packaging/SCALE.md for MPI, under each mpirun that is here (Debian: openmpi-bin, mpich):
# the merged report must be that of a single scan, to the byte.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
launchers=$(for name in mpirun.openmpi mpirun.mpich; do command -v "$name" || :; done)
[ -n "$launchers" ] || skip "no mpirun: install openmpi-bin or mpich"
export PATH="$build:$PATH" SOURCE_DATE_EPOCH=1700000000 LC_ALL=C
# Open MPI wants to be told that root, and more tasks than processors, are meant.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
"$build/mkcohort" --scale 4 "$specs/edge.json" "$work/cohort" >/dev/null

# What the page says of `$1`, for four tasks and the data here.
line() {
    sed -n "s/^    \($1 .*\)/\1/p" "$top/.packaging/SCALE.md" |
        sed "s|mpirun -n 16|$launcher -n 4|; s|/data|$work/cohort/dicom|; s|OMPI_COMM_WORLD_RANK|$rank|"
}
report() { # SCAN FOLDER
    dcmrisk assess "$1" --quiet --exit-zero --format json --format html --out "$2"
}

dcmrisk scan "$work/cohort/dicom" --quiet -o "$work/one.scan"
report "$work/one.scan" "$work/one"
for launcher in $launchers; do
    name=${launcher##*.}
    rank=OMPI_COMM_WORLD_RANK
    [ "$name" = openmpi ] || rank=PMI_RANK
    mkdir "$work/$name"
    cd "$work/$name"
    line mpirun | grep -q -- '--shard mpi' # the page has such a line
    line mpirun | sh >said 2>&1
    line 'dcmrisk merge scan[.][*]' | sh >>said 2>&1
    for i in 0 1 2 3; do
        [ -e "scan.$i" ] || {
            echo "$name: no scan.$i"
            cat said
            exit 1
        }
    done
    report all.scan report
    cmp "$work/one/report.json" report/report.json
    cmp "$work/one/report.html" report/report.html
    echo "$name: four tasks, one report"
done
