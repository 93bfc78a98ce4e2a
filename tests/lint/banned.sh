#!/bin/sh
# Calls that nobody makes, each with what to use instead.  A line with "lint: ok, REASON" is
# excused.
set -u
bad=0
files=$(find src include -name '*.c' -o -name '*.cc' -o -name '*.h' | sort)
no_input=$(echo "$files" | grep -v '^src/input/')
no_pool=$(echo "$files" | grep -v '^src/base/pool\.c$')
library=$(echo "$files" | grep -v '^src/cli/')

# ban 'WORDS' 'instead' FILES...: a call of one of the words, outside comments and strings.
ban() {
    words=$1
    instead=$2
    shift 2
    hits=$(grep -nE "(^|[^A-Za-z0-9_>.])($words)[[:space:]]*\(" "$@" /dev/null |
        grep -v 'lint: ok, [a-z]' |
        sed -e 's@/\*.*\*/@@' -e 's@//.*@@' -e 's/"\([^"\\]\|\\.\)*"/""/g' |
        grep -vE '^[^:]*:[0-9]+:[[:space:]]*(/?\*|\*)' |
        grep -E "(:|[^A-Za-z0-9_>.])($words)[[:space:]]*\(")
    if [ -n "$hits" ]; then
        printf '%s\n' "$hits" | sed "s|\$|    -- use $instead|"
        bad=1
    fi
}

# shellcheck disable=SC2086 # lists of files
{
    ban 'malloc|calloc|realloc|reallocarray|free|strdup|strndup|alloca|posix_memalign' \
        'base/alloc.h' $files
    ban 'asprintf|vasprintf|sprintf|vsprintf' 'snprintf or base/buf.h' $files
    ban 'strcpy|strcat|strncpy|strncat|stpcpy|gets' 'base/buf.h or memcpy with a checked size' $files
    ban 'atoi|atol|atoll|atof|strtol|strtoll|strtoul|strtoull|strtod|strtof|strtold' 'base/num.h' \
        $files
    ban 'sscanf|scanf|fscanf|strtok' 'base/num.h and memchr' $files
    ban 'rand|srand|random|srandom|drand48' 'a seeded generator from the run options' $files
    ban 'time|gettimeofday|localtime|ctime' 'the clock of the run options' $files
    ban 'system|popen|execl|execlp|execv|execvp|execve|posix_spawn' 'nothing: we start no programs' \
        $files
    ban 'socket|connect|getaddrinfo|gethostbyname|accept|listen' 'nothing: there is no network code' \
        $files
    ban 'setlocale|newlocale|uselocale|putenv|setenv|unsetenv' 'nothing: global state stays' $files
    ban 'tmpfile|tmpnam|tempnam|mktemp' 'a temporary name beside the target' $files
    ban 'printf|puts|putchar|perror|vprintf|err|errx|warn|warnx' 'dcr_err: the library never prints' \
        $library
    ban 'exit|quick_exit|abort' 'dcr_status: the library never exits' $files
    ban 'fork|vfork|clone' 'input/zygote.c' $no_input
    ban 'pthread_create|thrd_create' 'base/pool.c' $no_pool
    out=$(grep -nE '(^|[^A-Za-z0-9_])(stdout|stderr)([^A-Za-z0-9_]|$)' $library |
        grep -v 'lint: ok, [a-z]' | grep -vE '^[^:]*:[0-9]+:[[:space:]]*(/?\*)' |
        sed -e 's@/\*.*\*/@@' | grep -E '(stdout|stderr)')
}
if [ -n "$out" ]; then
    printf '%s\n' "$out" | sed 's|$|    -- the library never prints|'
    bad=1
fi

# Work that is not done is not committed.
open=$(find src include tests .ci -type f \( -name '*.c' -o -name '*.cc' -o -name '*.h' \
    -o -name '*.sh' -o -name '*.py' -o -name run \) | grep -v '^tests/lint/banned.sh$' |
    xargs grep -nwE 'TODO|FIXME|XXX|HACK' /dev/null |
    sed 's/"\([^"\]\|\\.\)*"/""/g' | grep -wE 'TODO|FIXME|XXX|HACK')
if [ -n "$open" ]; then
    printf '%s\n' "$open"
    bad=1
fi
exit "$bad"
