# Files of the rule set: edition and digest in the list, the text by show.
"$DCMRISK" rules list files >listed || exit
sed -n 1p listed
awk 'length($0) > 80 { print "over 80 columns: " $0 }' listed
n=$(find "$TOP/rules" -maxdepth 1 -name '*.json' | wc -l)
[ "$(grep -c '^[a-z-]*\.json' listed)" -eq "$n" ] || echo "not each of the $n tables is listed"
grep -c '^policies/' listed
grep -cE '(^| )[0-9a-f]{64}$' listed | sed "s/^$((n + 3))\$/a digest each/"
tr -s ' \n' ' ' <listed | grep -o 'hipaa.json 45 CFR 164.514(b)(2)(i),'
for f in uid-roots uid-roots.json policies/public-release.json checks/exact-date-kept.json; do
    "$DCMRISK" rules show "$f" | sed -n 1p
done
"$DCMRISK" rules show uid-roots | cmp - "$TOP/rules/uid-roots.json"
"$DCMRISK" rules list policies | sed -n 1p
"$DCMRISK" rules list adversaries | sed -n 1p
"$DCMRISK" rules list rule
echo "status $?"
# A digest is of the text: another text, another digest.
mkdir mine
sed 's/"edition": "2026-11"/"edition": "mine 7"/' "$TOP/rules/uid-roots.json" >mine/uid-roots.json
"$DCMRISK" rules list files --rules mine | diff listed - | grep -c '^[<>] .*uid-roots'
"$DCMRISK" rules list files --rules mine | grep -o 'mine 7'
