#!/bin/sh
# What packages are made of, as far as no package is made: the middle of the GitHub action with the
# program and with one that ends as it is told, versions that must be one, entries of the hooks.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
needs_program bash
bad=0
cd "$work"

# same WHAT WANTED SEEN
same() {
    [ "$2" = "$3" ] || {
        printf '%s: wanted %s, saw %s\n' "$1" "$2" "$3"
        bad=1
    }
}

# action: one run; sets verdict and status as a later step of the workflow reads them.
action() {
    : >output
    : >summary
    rm -rf out
    GITHUB_OUTPUT=output GITHUB_STEP_SUMMARY=summary PROJECT='' OUT=out \
        bash "$top/.github/actions/dcmrisk/assess.sh" >log 2>&1 || same "assess.sh" 0 $?
    verdict=$(sed -n 's/^verdict=//p' output)
    status=$(sed -n 's/^status=//p' output)
}
export PROGRAM DATASET POLICY MORE END
DATASET=-in POLICY=public-release MORE='
--jobs
2'
# A program that ends as it is told, with the report that dcmrisk would have written.
cat >stub <<'STUB'
#!/bin/sh
printf '%s\n' "$@" >words
[ "$END" -eq 2 ] || [ "$END" -gt 3 ] || {
    mkdir -p out
    echo '{}' >out/report.json
}
exit "$END"
STUB
chmod +x stub
PROGRAM=$work/stub
for pair in 0:pass 1:fail 2:error 3:inconclusive 4:error 137:error; do
    END=${pair%:*}
    action
    same "status $END" "$pair" "$status:$verdict"
done
END=1
action
same "words" "-- -in" "$(tail -n 2 words | tr '\n' ' ' | sed 's/ $//')"
same "options" "--jobs 2" "$(grep -x -A1 -e --jobs words | tr '\n' ' ' | sed 's/ $//')"
same "summary" "--summary summary" "$(grep -x -A1 -e --summary words | tr '\n' ' ' | sed 's/ $//')"
for refused in --show-values --show-paths --show-v; do
    MORE=$refused action
    same "$refused" "error" "$verdict"
    [ ! -d out ] || same "$refused" "no report" "a report"
done
# Interrupted is status 3 too, and leaves no report.
sed -i '/report\.json/d' stub
END=3 action
same "interrupted" error "$verdict"

# The program itself.
"$mkcohort" "$specs/clean.json" clean >/dev/null
PROGRAM=$dcmrisk DATASET=clean/dicom action
same "a cohort that passes" 0:pass "$status:$verdict"
for f in report.json report.html report.sarif report.md junit.xml; do
    [ -s "out/$f" ] || same "out/$f" there missing
done
sed 1d summary | cmp - out/report.md || bad=1 # an empty line first
same "report" out/report.json "$(sed -n 's/^report=//p' output)"

version=$("$dcmrisk" --version | sed -n '1s/^dcmrisk //p')
same "debian/changelog" "$version" "$(sed -n '1s/^dcmrisk (\(.*\)-[^-]*).*/\1/p' "$top/.packaging/debian/changelog")"

# The hook for links out of the folder, as pre-commit splits it, in a repository of such links.
if command -v git >/dev/null; then
    git init -q repo
    mkdir repo/dicom
    (cd clean/dicom && find . -type f) | while read -r f; do
        mkdir -p "repo/dicom/$(dirname "$f")"
        ln -s "$work/clean/dicom/$f" "repo/dicom/$f"
    done
    git -C repo add -A
    mkdir bin
    ln -s "$dcmrisk" bin/dcmrisk
    entry=$(sed -n "s/^  entry: \(sh -c .*\)/\1/p" "$top/.pre-commit-hooks.yaml")
    code=0
    (cd repo && PATH=$work/bin:$PATH && eval "$entry dicom --out ../hook") >log 2>&1 || code=$?
    same "dcmrisk-annex" 0 "$code"
    code=0
    (cd repo && "$dcmrisk" assess dicom --out ../walk -q) >log 2>&1 || code=$?
    same "links on a walk" 3 "$code"
fi
exit "$bad"
