#!/bin/sh
# The DPIA annex: its texts against the code that uses them, against schemas and the project file's
# schema; what it says against the report, worked out again; well-formed, the same when made again,
# and a DOCX where pandoc is.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
needs jsonschema
"$python" "$here/annex.py" texts
"$mkcohort" "$specs/demo.json" "$work/cohort" >/dev/null
for project in "" "--project $top/tests/data/projects/dpia.json"; do
    rm -rf "$work/out" "$work/again"
    status=0
    # shellcheck disable=SC2086
    "$dcmrisk" assess "$work/cohort/dicom" --out "$work/out" --format json,html,annex -q $project || status=$?
    [ "$status" -eq 3 ] # nobody looked at the pictures
    "$dcmrisk" report "$work/out/report.json" --format annex,html --out "$work/again"
    for f in annex.html annex.md report.html; do
        cmp "$work/out/$f" "$work/again/$f"
    done
    "$dcmrisk" report "$work/out/report.json" --format annex --out - | cmp - "$work/out/annex.html"
    xmllint --noout "$work/out/annex.html" "$work/out/report.html"
    "$python" "$here/annex.py" says "$work/out"
    # The digest in it is that of the file beside it.
    digest=$(sha256sum "$work/out/report.json" | cut -c1-64)
    for f in annex.html annex.md report.html; do
        grep -q "$digest" "$work/out/$f"
    done
    "$dcmrisk" report "$work/out/report.json" --audience public --format json,annex --out "$work/public"
    "$python" "$here/annex.py" public "$work/out" "$work/public"
    if command -v pandoc >/dev/null; then
        pandoc "$work/out/annex.md" -o "$work/annex.docx"
        pandoc "$work/annex.docx" -t plain --wrap=none -o "$work/annex.txt"
        "$python" "$here/annex.py" docx "$work/out" "$work/annex.txt"
    else
        echo "no pandoc: not made into a DOCX"
    fi
done
