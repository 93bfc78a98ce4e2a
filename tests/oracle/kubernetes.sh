#!/bin/sh
# The manifests of .packaging/kubernetes: what their pods would run is run here, once for each index, with
# the claims as folders; the report must be that of a single scan.  Kubernetes itself is not needed.
# usage: kubernetes.sh        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "${BUILD:-build/release}")
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
"$python" -c 'import yaml' 2>/dev/null || {
    echo "no python3-yaml"
    exit 77
}
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/kubernetes.XXXXXX")
"$build/mkcohort" "$here/../data/cohorts/edge.json" "$work/cohort" >/dev/null
status=0
"$python" "$here/kubernetes.py" "$build/dcmrisk" "$here/../../.packaging/kubernetes" "$work" || status=1
[ "$status" -ne 0 ] || rm -rf "$work"
exit "$status"
