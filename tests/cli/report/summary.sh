# --summary appends: what stands in the file stays, and ours is a block of its own.
printf 'before' >s.md
"$DCMRISK" report "$TOP/tests/web/sample.json" --format markdown --out o --summary s.md
"$DCMRISK" report "$TOP/tests/web/sample.json" --format json --out o --summary s.md
(printf 'before\n'; cat o/report.md; printf '\n'; cat o/report.md) | cmp - s.md && head -n 2 s.md
