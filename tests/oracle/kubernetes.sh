#!/bin/sh
# The manifests of .packaging/kubernetes: what their pods would run is run here, once for each index, with
# the claims as folders; the report must be that of a single scan.  Kubernetes itself is not needed.
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
needs yaml
"$build/mkcohort" "$specs/edge.json" "$work/cohort" >/dev/null
"$python" "$here/kubernetes.py" "$build/dcmrisk" "$top/.packaging/kubernetes" "$work"
