# A result that could not be written is no result: status 4.
[ -w /dev/full ] || exit 77
"$DCMRISK" --version >/dev/full
