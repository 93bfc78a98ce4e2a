# Sourced by the parts of `make bench`: rows of its table, limits, measuring.
# BUILD: where the programs are.  TALLY: a file that gets a line for each limit, PASS or FAIL.
# shellcheck shell=sh
# shellcheck disable=SC2034 # for who sources this
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
has pydicom || :
trap 'rm -rf "$work"' EXIT # gigabytes
failed=0

heading() {
    printf '\n%s\n' "$1"
}

row() { # what found limit [held]
    printf '  %-62s %10s  %-9s %s\n' "$1" "$2" "$3" "${4:-}"
}

note() { # what found
    row "$1" "$2" ""
}

calc() { # expression [format]
    awk "BEGIN { printf \"${2:-%.3f}\", $1 }"
}

limit() { # what found sign limit
    held=FAIL
    [ "$(calc "($2 $3 $4) ? 1 : 0" %d)" = 0 ] || held=PASS
    row "$1" "$2" "$3 $4" "$held"
    [ "$held" = PASS ] || failed=1
    echo "$held $1" >> "${TALLY:-/dev/null}"
}

check() { # what found limit: found is at most limit
    limit "$1" "$2" '<=' "$3"
}

check_least() { # what found limit: found is at least limit
    limit "$1" "$2" '>=' "$3"
}

measure() { # [--times N] [--accept LIST] -- command: sets cpu, wall, peak, stats
    "$python" "$here/measure.py" "$@" > "$work/measure"
    read -r cpu wall peak < "$work/measure"
    stats=$(sed -n 2p "$work/measure")
}

stat() { # name: a figure of --stats in seconds
    printf '%s\n' "$stats" | sed -n "s/.*$1 \([0-9.]*\).*/\1/p"
}
