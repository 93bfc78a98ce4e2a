# The list fits 80 columns, names each rule once with a severity, and show knows them.
"$DCMRISK" rules list >listed || exit
awk 'length($0) > 80 { print "over 80 columns: " $0 }' listed
ids=$(sed -n '/^Rules/,/^$/p' listed | awk 'NR > 1 && /^[a-z]/ { print $1 }')
[ -n "$ids" ] || echo "no rules"
echo "$ids" | sort | uniq -d
for id in $(echo "$ids" | awk 'NR % 12 == 1'); do
    "$DCMRISK" rules show "$id" >shown || echo "no $id"
    grep -q "\"$id\"" shown || echo "$id does not show itself"
done
sed -n '/^Rules/,/^$/p' listed | grep -cE ' (note|low|medium|high|critical) ' | sed 's/.*[1-9].*/severities/'
for p in public-release controlled-access internal-research; do
    sed -n '/^Policies/,/^$/p' listed | grep -q "^$p" || echo "no policy $p"
    "$DCMRISK" rules show "$p" | grep -q '^{' || echo "$p is not shown"
done
"$DCMRISK" rules list --color always | grep -c "$(printf '\033')" | sed 's/.*[1-9].*/coloured/'
"$DCMRISK" rules show publik-release
echo "status $?"
