#!/bin/sh
# report.json of several cohorts against its JSON Schema, and every format made again from the
# JSON alone against the one made with it, to the byte.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
mkcohort=${MKCOHORT:-$build/mkcohort}
dcmrisk=${DCMRISK:-$build/dcmrisk}
tmp=${TMP:-$(mktemp -d)}
python=/usr/bin/python3
"$python" -c 'import jsonschema' 2>/dev/null || {
    echo "python3-jsonschema is not installed"
    exit 77
}
formats=$(cd "$here/../../src/report" && printf '%s\n' format_*.c | sed 's/format_//; s/[.]c//' | paste -sd, -)
mkdir "$tmp/empty"
for spec in demo edge clean trailing; do
    "$mkcohort" "$here/../data/cohorts/$spec.json" "$tmp/$spec" >/dev/null
done
for name in demo edge clean trailing empty; do
    for how in "" --show-values --show-paths; do
        in=$tmp/$name/dicom
        [ -d "$in" ] || in=$tmp/$name
        status=0
        # shellcheck disable=SC2086
        "$dcmrisk" assess "$in" --out "$tmp/out" --format "$formats" -q $how || status=$?
        [ "$status" -ne 2 ] && [ "$status" -lt 4 ]
        "$dcmrisk" report "$tmp/out/report.json" --format "$formats" --out "$tmp/again"
        diff -r "$tmp/out" "$tmp/again"
        xmllint --noout "$tmp/out/report.html"
        "$python" - "$here/../../reports/report.schema.json" "$tmp/out/report.json" <<'PY'
import json, sys
import jsonschema
schema, report = (json.load(open(p, encoding="utf-8")) for p in sys.argv[1:])
errors = list(jsonschema.Draft202012Validator(schema).iter_errors(report))
for e in errors[:10]:
    print("/".join(map(str, e.absolute_path)), e.validator, e.message[:120])
sys.exit(bool(errors))
PY
        rm -rf "$tmp/out" "$tmp/again"
    done
done
