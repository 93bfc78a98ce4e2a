# bash completion for dcmrisk.  The program says what could follow (dcmrisk __complete).
# shellcheck shell=bash

# Words as the program would get them: bash takes "--format=json" and "a:b" apart.
_dcmrisk_words() {
    local i word glue=
    _dcmrisk_args=()
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -n $glue || $word == [=:]* ]] && ((${#_dcmrisk_args[@]} > 0)); then
            _dcmrisk_args[-1]+=$word
        else
            _dcmrisk_args+=("$word")
        fi
        glue=
        [[ $word == *[=:] && $i -lt $COMP_CWORD ]] && glue=1
    done
}

_dcmrisk() {
    local -a _dcmrisk_args lines
    local line cur kind=:none skip=
    COMPREPLY=()
    _dcmrisk_words
    cur=${_dcmrisk_args[-1]}
    mapfile -t lines < <("${COMP_WORDS[0]/#\~/$HOME}" __complete "${_dcmrisk_args[@]}" 2>/dev/null)
    # What readline has before the word it completes.
    [[ $cur == *=* && $COMP_WORDBREAKS == *=* ]] && skip=${cur%%=*}=
    for line in "${lines[@]}"; do
        if [[ $line == :* ]]; then kind=$line; else COMPREPLY+=("${line%%$'\t'*}"); fi
    done
    COMPREPLY=("${COMPREPLY[@]#"$skip"}")
    # Without words of ours, readline completes paths itself, and quotes them.
    case $kind in
    :file)
        if ((${#COMPREPLY[@]} > 0)); then
            mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${cur#"$skip"}")
            compopt -o filenames
        fi
        ;;
    :dir) compopt +o default -o dirnames ;;
    :more) compopt +o default -o nospace ;;
    *) compopt +o default ;;
    esac 2>/dev/null
}

complete -o default -F _dcmrisk dcmrisk
