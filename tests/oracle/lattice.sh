#!/bin/sh
# Minimal sample uniques, their scores, figures of fields, Shapley values and unique keys of tables:
# random tables by brute force over the definitions, textbook cases, and the reference tables where
# they lie in ../shared.
# usage: lattice.sh [COUNT] [SEED]
set -eu
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
"$python" "$here/lattice.py" "$dcmrisk" "$work" "${1:-${TABLES:-1000}}" "${2:-1}" "${SHARED:-$top/../shared}"
