# fish completion for dcmrisk.  The program says what could follow (dcmrisk __complete).

function __dcmrisk_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] "$last" 2>/dev/null)
    set -l kind :none
    for line in $lines
        if string match -q ':*' -- $line
            set kind $line
        else
            echo $line
        end
    end
    set -l before (string match -r -- '^--[^=]*=' $last)
    set -l path (string replace -r -- '^--[^=]*=' '' $last)
    switch $kind
        case :file
            for found in (__fish_complete_path $path)
                echo "$before"$found
            end
        case :dir
            for found in (__fish_complete_directories $path)
                echo "$before"$found
            end
    end
end

complete -c dcmrisk -f -a '(__dcmrisk_complete)'
