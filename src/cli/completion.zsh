#compdef dcmrisk
# zsh completion for dcmrisk.  The program says what could follow (dcmrisk __complete).

_dcmrisk() {
    local -a lines found
    local line kind=:none ret=1
    local prog=${(Q)words[1]}
    lines=("${(@f)$(${~prog} __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    for line in "${lines[@]}"; do
        if [[ $line == :* ]]; then
            kind=$line
        elif [[ -n $line ]]; then
            found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
        fi
    done
    if (( $#found )); then
        if [[ $kind == :more ]]; then
            _describe -t values dcmrisk found -S '' && ret=0
        else
            _describe -t values dcmrisk found && ret=0
        fi
    fi
    case $kind in
    :file) compset -P '--*='; _files && ret=0 ;;
    :dir) compset -P '--*='; _files -/ && ret=0 ;;
    esac
    return ret
}

if [[ $funcstack[1] == _dcmrisk ]]; then
    _dcmrisk "$@"
else
    compdef _dcmrisk dcmrisk
fi
