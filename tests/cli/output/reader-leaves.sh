# A reader that leaves early is no error.
{
    "$DCMRISK" --help
    echo "status $?" >&2
} | head -n 1
"$DCMRISK" rules list | head -n 0
(trap '' PIPE; "$DCMRISK" rules list; echo "status $?" >&2) | true
