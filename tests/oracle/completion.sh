#!/usr/bin/env bash
# Completion in real shells: every command, every option that --help lists, every rule and policy
# that `rules list` lists, and paths with what shells find difficult in them.
set -u
# shellcheck source=tests/tools/common.sh
. "$(dirname "$0")/../tools/common.sh"
tools=$top/tests/tools
export TMP=$work # where typed.py writes
bad=0
say() {
    echo "$1"
    bad=1
}
mkdir -p "$work/bin" "$work/data/a folder" "$work/data/folder"
ln -s "$dcmrisk" "$work/bin/dcmrisk"
PATH=$work/bin:$PATH
cd "$work/data" || exit 1
: >"x y.json"
# shellcheck disable=SC2016
: >'z$HOME;.json'

# ---- bash, by what it calls ----
dcmrisk completion bash >../bash || exit 1
# shellcheck disable=SC1091
source ../bash
# What may follow the words given; the last one is being typed.
follow() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _dcmrisk 2>/dev/null
    [ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
}
commands=$(dcmrisk --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p')
[ "$(echo "$commands" | wc -l)" -ge 8 ] || say "--help lists too few commands: $commands"
diff <(follow dcmrisk '') <(echo "$commands") || say "commands are not all completed"
diff <(follow dcmrisk help '') <(echo "$commands") || say "help completes other commands"
options=0
for c in $commands; do
    dcmrisk "$c" --help | grep -oE '^(  -., |      )--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort >../want
    follow dcmrisk "$c" -- | sort | diff ../want - || say "$c: options are not all completed"
    options=$((options + $(wc -l <../want)))
    o=$(tail -n 1 ../want)
    [ "$(follow dcmrisk "$c" "$o" | grep -cx -e "$o")" = 1 ] || say "$c $o is not completed"
done
[ "$options" -ge 60 ] || say "only $options options"
dcmrisk rules list rules | sed -n '2,$s/^\([a-z][a-z0-9-]*\).*/\1/p' | sort >../want
[ "$(wc -l <../want)" -ge 20 ] || say "rules list names too few"
follow dcmrisk rules show '' | sort | comm -13 - ../want | grep . && say "those rules are not completed"
dcmrisk rules list policies | sed -n '2,$s/^\([a-z][a-z0-9-]*\).*/\1/p' | sort >../want
follow dcmrisk assess --policy '' | grep -v '[. $]' | grep -vx folder | sort | diff ../want - ||
    say "policies are not those of rules list"
# A value that is offered is one that is taken.
for f in $(follow dcmrisk report --format ''); do
    dcmrisk report missing.json --format "$f" 2>&1 | grep -q -- '--format' && say "--format $f is offered, not taken"
done
[ "$(follow dcmrisk report --format '' | wc -l)" -ge 3 ] || say "formats are not completed"
# same WANT WORD...: exactly that follows (words joined by blanks).
same() {
    want=$1
    shift
    got=$(follow "$@" | tr '\n' ' ')
    [ "$got" = "$want" ] || say "after '$*' there may follow '$got', not '$want'"
}
same 'list show check ' dcmrisk rules ''
same 'policies ' dcmrisk rules list po
same '' dcmrisk rules list policies ''
same 'bash zsh fish ' dcmrisk completion ''
same 'json,html ' dcmrisk assess x --format json,h
same 'html ' dcmrisk assess --format = h # as bash takes --format=h apart
same 'dcmtk ' dcmrisk scan --reader d
same 'dcmtk ' dcmrisk scan --read d # an abbreviation is an option too
same '' dcmrisk assess -j ''
same '' dcmrisk assess -qj ''
same '' dcmrisk assess -- --polic
same '' dcmrisk nonsense ''
same '' dcmrisk assess --nonsense=x

# ---- bash and zsh, by their keys ----
# typed SHELL SETUP: lines on stdin, "TYPED -> WORDS AS JSON".
typed() {
    local shell=$1 setup=$2 cases=() words=()
    mapfile -t cases
    mapfile -t words < <("$python" "$tools/typed.py" "$shell" "$setup" "${cases[@]%% -> *}")
    for i in "${!cases[@]}"; do
        [ "${words[i]-}" = "${cases[i]##* -> }" ] || say "$shell: '${cases[i]}', but got ${words[i]-nothing}"
    done
}
keys() {
    cat <<'LINES'
dcmrisk asse -> ["dcmrisk", "assess"]
dcmrisk assess --polic -> ["dcmrisk", "assess", "--policy"]
dcmrisk assess --policy=publ -> ["dcmrisk", "assess", "--policy=public-release"]
dcmrisk assess --policy contr -> ["dcmrisk", "assess", "--policy", "controlled-access"]
dcmrisk assess --policy x -> ["dcmrisk", "assess", "--policy", "x y.json"]
dcmrisk assess --format=json,ht -> ["dcmrisk", "assess", "--format=json,html"]
dcmrisk assess x -> ["dcmrisk", "assess", "x y.json"]
dcmrisk assess z -> ["dcmrisk", "assess", "z$HOME;.json"]
dcmrisk assess "x -> ["dcmrisk", "assess", "x y.json"]
dcmrisk assess --scan=x -> ["dcmrisk", "assess", "--scan=x y.json"]
LINES
}
keys | typed bash 'source <(dcmrisk completion bash)'
typed bash 'source <(dcmrisk completion bash)' <<'LINES'
dcmrisk assess --out=fol -> ["dcmrisk", "assess", "--out=folder/"]
dcmrisk assess -o a -> ["dcmrisk", "assess", "-o", "a folder/"]
dcmrisk assess --out x -> ["dcmrisk", "assess", "--out", "x"]
LINES
if command -v zsh >/dev/null; then
    dcmrisk completion zsh >../_dcmrisk
    zsh -n ../_dcmrisk || say "zsh does not read its script"
    # zsh takes the slash of a folder away again, and offers files where no folder fits.
    keys | typed zsh 'autoload -U compinit; compinit -u -D; bindkey -e; source <(dcmrisk completion zsh)'
    typed zsh 'autoload -U compinit; compinit -u -D; bindkey -e; source <(dcmrisk completion zsh)' <<'LINES'
dcmrisk assess --out=fol -> ["dcmrisk", "assess", "--out=folder"]
dcmrisk assess -o a -> ["dcmrisk", "assess", "-o", "a folder"]
LINES
    # As an installed file, found by its name.
    echo 'dcmrisk asse -> ["dcmrisk", "assess"]' |
        typed zsh "fpath=($work \$fpath); autoload -U compinit; compinit -u -D; bindkey -e"
fi

# ---- fish ----
if command -v fish >/dev/null; then
    dcmrisk completion fish >../fish
    fish --no-execute ../fish || say "fish does not read its script"
    # fish_says LINE WANT: what it offers for LINE, without the words on what it is
    fish_says() {
        got=$(HOME=$work fish --no-config -c "source $work/fish; complete -C '$1'" | cut -f1 | tr '\n' ' ')
        [ "$got" = "$2 " ] || say "fish: '$1' may become '$got', not '$2'"
    }
    fish_says 'dcmrisk asse' assess
    fish_says 'dcmrisk assess --polic' --policy
    fish_says 'dcmrisk assess --policy=publ' --policy=public-release
    fish_says 'dcmrisk assess --format json,ht' json,html
    fish_says 'dcmrisk assess --policy x' 'x y.json'
    fish_says 'dcmrisk assess x' 'x y.json'
    fish_says 'dcmrisk assess --out=fol' --out=folder/
    fish_says 'dcmrisk rules list ' 'adversaries files policies rules'
fi
exit "$bad"
