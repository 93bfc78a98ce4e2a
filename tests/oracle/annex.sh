#!/bin/sh
# The DPIA annex: its texts against the code that uses them, against schemas and the project file's
# schema; what it says against the report, worked out again; well-formed, the same when made again,
# and a DOCX where pandoc is.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
dcmrisk=${DCMRISK:-$build/dcmrisk}
tmp=${TMP:-$(mktemp -d)}
python=/usr/bin/python3
"$python" -c 'import jsonschema' 2>/dev/null || {
    echo "python3-jsonschema is not installed"
    exit 77
}
"$python" "$here/annex.py" texts
"${MKCOHORT:-$build/mkcohort}" "$here/../data/cohorts/demo.json" "$tmp/cohort" >/dev/null
for project in "" "--project $here/../data/projects/dpia.json"; do
    rm -rf "$tmp/out" "$tmp/again"
    status=0
    # shellcheck disable=SC2086
    "$dcmrisk" assess "$tmp/cohort/dicom" --out "$tmp/out" --format json,html,annex -q $project || status=$?
    [ "$status" -eq 3 ] # nobody looked at the pictures
    "$dcmrisk" report "$tmp/out/report.json" --format annex,html --out "$tmp/again"
    for f in annex.html annex.md report.html; do
        cmp "$tmp/out/$f" "$tmp/again/$f"
    done
    "$dcmrisk" report "$tmp/out/report.json" --format annex --out - | cmp - "$tmp/out/annex.html"
    xmllint --noout "$tmp/out/annex.html" "$tmp/out/report.html"
    "$python" "$here/annex.py" says "$tmp/out"
    # The digest in it is that of the file beside it.
    digest=$(sha256sum "$tmp/out/report.json" | cut -c1-64)
    for f in annex.html annex.md report.html; do
        grep -q "$digest" "$tmp/out/$f"
    done
    "$dcmrisk" report "$tmp/out/report.json" --audience public --format json,annex --out "$tmp/public"
    "$python" "$here/annex.py" public "$tmp/out" "$tmp/public"
    if command -v pandoc >/dev/null; then
        pandoc "$tmp/out/annex.md" -o "$tmp/annex.docx"
        pandoc "$tmp/annex.docx" -t plain --wrap=none -o "$tmp/annex.txt"
        "$python" "$here/annex.py" docx "$tmp/out" "$tmp/annex.txt"
    else
        echo "no pandoc: not made into a DOCX"
    fi
done
