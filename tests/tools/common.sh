# Sourced by oracles and by the parts of `make bench`: where things are, a Python, a scratch folder.
# BUILD, DCMRISK and MKCOHORT name other programs than those of build/release, TMP another place.
# The scratch folder ($work) goes when the script ends, unless it failed and was not run by `make test`.
# shellcheck shell=sh
# shellcheck disable=SC2034 # for who sources this
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
specs=$top/tests/data/cohorts
build=${BUILD:-build/release}
case $build in
/*) ;;
*) build=$top/$build ;;
esac
dcmrisk=${DCMRISK:-$build/dcmrisk}
mkcohort=${MKCOHORT:-$build/mkcohort}
python=/usr/bin/python3 # Debian's own has the modules that apt installs; another may come first in PATH
[ -x "$python" ] || python=python3
export PYTHONDONTWRITEBYTECODE=1

# skip REASON: the test cannot run here.
skip() {
    echo "$*"
    exit 77
}

# has MODULE: whether a Python here has it; $python is that one then.
has() {
    for other in /usr/bin/python3 python3; do
        "$other" -c "import $1" 2>/dev/null || continue
        python=$other
        return 0
    done
    return 1
}

# needs MODULE
needs() {
    has "$1" || skip "python3-$1 is not installed"
}

# needs_program NAME...
needs_program() {
    for other; do
        command -v "$other" >/dev/null || skip "$other is not installed"
    done
}

# finish STATUS: what happens at the end.
finish() {
    if [ "$1" -eq 0 ] || [ "$1" -eq 77 ]; then
        rm -rf "$work"
    elif [ -z "${TMP-}" ]; then
        echo "what was found is in $work"
    fi
}
work=$(mktemp -d "${TMP:-${TMPDIR:-/tmp}}/dcmrisk-$(basename "$0" .sh).XXXXXX")
trap 'finish $?' EXIT
trap 'exit 130' INT TERM
