# The built-in rules hold; whatever is broken, or is no rule at all, is named with status 2.
try() {
    "$DCMRISK" rules "$@" >out 2>err
    echo "status $? $(cat out err | sed -e 's/[0-9][0-9]*/N/g')"
}
try check "$TOP/rules"
mkdir -p mine/checks
first=$(find "$TOP/rules/checks" -name '*.json' | sort | head -n 1)
cp "$first" mine/checks/
try check "mine/checks/$(basename "$first")"
try check "$TOP/rules/policies/public-release.json"
cp "$first" lone.json
try check lone.json
sed 's/"acquaintance"/"nobody"/' "$TOP/rules/policies/public-release.json" >policy.json
try check policy.json | cut -c1-24
echo '{ "id": ' >mine/checks/broken.json
try check mine/checks/broken.json
try check nothing-here
try list --rules mine | grep -c 'status 2.*broken\.json'
