#!/bin/sh
# Minimal sample uniques, their scores, figures of fields, Shapley values and unique keys of tables:
# random tables by brute force over the definitions, textbook cases, and the reference tables where
# they lie in ../shared.
# usage: lattice.sh [COUNT] [SEED]        needs BUILD (build/release by default)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-build/release}
dcmrisk=${DCMRISK:-$build/dcmrisk}
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/lattice.XXXXXX")
trap 'rm -rf "$work"' EXIT
python3 "$here/lattice.py" "$dcmrisk" "$work" "${1:-${TABLES:-1000}}" "${2:-1}" "${SHARED:-$here/../../../shared}"
