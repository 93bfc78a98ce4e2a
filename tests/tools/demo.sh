#!/bin/sh
# Generates the demo cohort, assesses it, and says what was found.  Exits 0 whatever the verdict.
# usage: demo.sh        (BUILD: build folder of the program)
set -eu
: "${BUILD:=build/release}"
out=build/demo
rm -rf "$out"
mkdir -p "$out"
echo "A synthetic cohort, as a hospital might hand it out after a careless de-identification:"
"$BUILD/mkcohort" tests/data/cohorts/demo.json "$out/cohort"
echo
echo "\$ dcmrisk assess $out/cohort/dicom --out $out"
status=0
"$BUILD/dcmrisk" assess "$out/cohort/dicom" --out "$out" || status=$?
if [ "$status" -gt 3 ] || [ "$status" -eq 2 ]; then
    echo "the demo could not finish (status $status)" >&2
    exit 1
fi
echo "exit status $status (0 passes, 1 fails, 3 inconclusive)"
echo
echo "Open $(pwd)/$out/report.html in a browser; the same in JSON: $out/report.json"
