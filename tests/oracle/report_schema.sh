#!/bin/sh
# report.json of several cohorts against its JSON Schema, and every format made again from the
# JSON alone against the one made with it, to the byte.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
needs jsonschema
formats=$(cd "$top/src/report" && printf '%s\n' format_*.c | sed 's/format_//; s/[.]c//' | paste -sd, -)
mkdir "$work/empty"
for spec in demo edge clean trailing; do
    "$mkcohort" "$specs/$spec.json" "$work/$spec" >/dev/null
done
for name in demo edge clean trailing empty; do
    for how in "" --show-values --show-paths; do
        in=$work/$name/dicom
        [ -d "$in" ] || in=$work/$name
        status=0
        # shellcheck disable=SC2086
        "$dcmrisk" assess "$in" --out "$work/out" --format "$formats" -q $how || status=$?
        [ "$status" -ne 2 ] && [ "$status" -lt 4 ]
        "$dcmrisk" report "$work/out/report.json" --format "$formats" --out "$work/again"
        diff -r "$work/out" "$work/again"
        xmllint --noout "$work/out/report.html"
        "$python" - "$top/reports/report.schema.json" "$work/out/report.json" <<'PY'
import json, sys
import jsonschema
schema, report = (json.load(open(p, encoding="utf-8")) for p in sys.argv[1:])
errors = list(jsonschema.Draft202012Validator(schema).iter_errors(report))
for e in errors[:10]:
    print("/".join(map(str, e.absolute_path)), e.validator, e.message[:120])
sys.exit(bool(errors))
PY
        rm -rf "$work/out" "$work/again"
    done
done
