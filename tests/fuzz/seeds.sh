#!/bin/sh
# What a harness starts from: small files, made here.
# usage: seeds.sh HARNESS FOLDER      needs DCMRISK, MKCOHORT and HARNESSES, their folder
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
name=$1
to=$2
export SOURCE_DATE_EPOCH=1700000000
mkdir -p "$to"

cohort() { # cohort SPEC: its folder
    [ -d "$to/../cohort-$1" ] || "$MKCOHORT" "$top/tests/data/cohorts/$1.json" "$to/../cohort-$1" >/dev/null
    echo "$to/../cohort-$1"
}

few() { # few FOLDER N: some small files of it, each N-th
    find "$1/dicom" -type f -size -12k | sort | awk "NR % $2 == 1"
}

case $name in
fuzz_reader)
    for c in edge demo trailing; do
        few "$(cohort "$c")" 9
    done | awk '{printf "%s %05d\n", $0, NR}' | while read -r file n; do cp "$file" "$to/$n"; done
    ;;
fuzz_warm)
    few "$(cohort edge)" 9 | xargs python3 "$here/seeds.py" warm "$to"
    ;;
fuzz_openers)
    printf '<?xml version="1.0"?><a b="c"><d>e</d></a>' >"$to/xml"
    printf '{"a": [1, {"b": "c"}], "d": null}' >"$to/json"
    printf '{\\rtf1\\ansi{\\info{\\author Doe}}a\\par b}' >"$to/rtf"
    printf '%%PDF-1.4\n1 0 obj<</Author(Doe)/Length 3>>stream\nBT\nendstream endobj\ntrailer<</Info 1 0 R>>' >"$to/pdf"
    printf 'a line of text\nanother one\n' | gzip -n >"$to/gzip"
    python3 "$here/seeds.py" csa "$to"
    printf '### ASCCONV BEGIN ###\nsA.b[0] = "x"\nsA.c = 0x1\n### ASCCONV END ###' >"$to/ascconv"
    printf '<XProtocol> { <Name> "x" <ParamMap."a"> { <ParamString."b"> { "c" } } }' >"$to/xprotocol"
    ;;
fuzz_sidecar)
    printf '\0a,b\n1,"x ""y"""\n' >"$to/csv"
    printf '\001{"a": [1, {"b": "c"}]}' >"$to/json"
    printf '\002a line\nanother\n' >"$to/text"
    printf '\003<a b="c">d</a>' >"$to/xml"
    { printf '\004\134\001\0\0' && head -c 344 /dev/zero && printf 'n+1\0'; } >"$to/nifti"
    ;;
fuzz_csv)
    printf '\0a,b,c\n1,2,3\n4,"5 ""6""",NA\n' >"$to/plain"
    printf '\003a;b\r\n 1 ;2\r\n' >"$to/trimmed"
    printf '\0\357\273\277a\nx\n\ny\n' >"$to/one"
    ;;
fuzz_rules)
    python3 "$here/seeds.py" rules "$top/rules" "$to"
    ;;
fuzz_project)
    cp "$top/tests/data/projects/dpia.json" "$to/dpia"
    cat >"$to/project" <<'END'
{"schema": "dcmrisk-project/1", "title": "t", "requester": "r", "purposes": ["p"], "claim": "pseudonymous",
 "recipients": [{"name": "n", "adversary": "acquaintance", "policy": "public-release"}],
 "population": {"frame": "f", "design": "census"}, "purpose": {"0010,0040": "p"}, "precision": {"0008,0020": "month"},
 "reviews": {"pixels": {"who": "w", "when": "2027-01-01", "result": "clear"}},
 "accept": [{"rule": "direct-identifier-left", "path": "0010,0040", "ceiling": 3, "reason": "x", "who": "w",
  "expires": "2027-01-01", "compensating": ["c"]}]}
END
    cat >"$to/acceptance" <<'END'
{"schema": "dcmrisk-acceptance/1", "note": "n",
 "accept": [{"rule": "direct-identifier-left", "reason": "x", "who": "w", "expires": "2027-01-01", "created": "2026-12-01"}]}
END
    ;;
fuzz_detectors)
    i=0
    for value in 'Doe^Jane' 'jane.doe@example.org' '+49 30 1234567' '12 High Street, London NW1 6XE' \
        '1985-03-14T10:11:12' '1.2.840.113619.2.55.20210314101112' '943 476 5919' 'C:\Users\doe\scan.dcm' \
        'fe80::1ff:fe23:4567:890a' '00:1B:44:11:3A:B7' '6ba7b810-9dad-11d1-80b4-00c04fd430c8' 'SmFuZSBEb2U=' \
        'https://pacs.example.org/?id=4711'; do
        i=$((i + 1))
        printf '%s' "$value" >"$to/$i"
    done
    ;;
fuzz_scanfile)
    for c in trailing edge; do
        few "$(cohort $c)" 7 | head -n 2 >"$to/../list"
        "$DCMRISK" scan --files-from "$to/../list" -o "$to/../$c.scan" -q
        python3 "$here/seeds.py" scan "$to/../$c.scan" "$to/$c"
    done
    ;;
fuzz_formats)
    "$DCMRISK" assess "$(cohort trailing)/dicom" --out "$to/../report" --format json -q >/dev/null 2>&1 || true
    python3 "$here/seeds.py" report "$to/../report/report.json" "$to"
    ;;
fuzz_wire)
    for c in edge demo; do
        few "$(cohort $c)" 40
    done >"$to/../list"
    printf 'name,born\nDoe^Jane,19850314\n' >"$to/../table.csv"
    printf '{"PatientName": "Doe^Jane", "a": [1, {"b": "c"}]}' >"$to/../side.json"
    printf '%s\n' "$to/../table.csv" "$to/../side.json" >>"$to/../list"
    WIRE_TO=$to xargs "$HARNESSES/fuzz_reader" <"$to/../list" >/dev/null 2>&1
    ;;
*) printf 'x' >"$to/x" ;; # coverage leads on
esac
