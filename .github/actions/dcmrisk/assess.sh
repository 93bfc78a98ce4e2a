#!/usr/bin/env bash
# The middle of the action: assesses $DATASET with $PROGRAM and tells the workflow what came of it.
# The gate itself is the action's last step, so that results are uploaded whatever it is.
#
#   PROGRAM DATASET POLICY PROJECT MORE OUT     inputs of the action (MORE: an option a line)
#   GITHUB_OUTPUT GITHUB_STEP_SUMMARY           files that the runner reads
set -uo pipefail
args=(assess --policy "$POLICY" --out "$OUT" --format "json,html,sarif,junit,markdown" --color never
    --summary "$GITHUB_STEP_SUMMARY")
[ -z "$PROJECT" ] || args+=(--project "$PROJECT")
while IFS= read -r line; do
    case $line in
    '') continue ;;
    --show-v* | --show-p*)
        echo "::error::dcmrisk: $line: what is printed here is kept by others"
        printf 'verdict=error\nstatus=2\n' >>"$GITHUB_OUTPUT"
        exit 0
        ;;
    esac
    args+=("$line")
done <<<"$MORE"
"$PROGRAM" "${args[@]}" -- "$DATASET"
status=$?
case $status in
0) verdict=pass ;;
1) verdict=fail ;;
3) verdict=inconclusive ;;
*) verdict=error ;;
esac
# Interrupted is 3 as well, and then there is no report.
[ "$verdict" = error ] || [ -f "$OUT/report.json" ] || verdict=error
report=$OUT/report.json
[ "$verdict" != error ] || report=
printf 'verdict=%s\nstatus=%s\nreport=%s\n' "$verdict" "$status" "$report" >>"$GITHUB_OUTPUT"
exit 0
