#!/bin/sh
# Who may include whom: CONTRIBUTING.md's table of layers, as a check.
set -u

# The stages whose headers a stage may include, besides its own and include/dcmrisk.
stages_for() {
    case $1 in
    base) echo ;;
    model) echo "base store" ;;
    run) echo "base input store" ;;
    *) echo "base" ;;
    esac
}

# The outside libraries a file may include (a pattern over the name between < and >).
libraries_for() {
    case $1 in
    src/run/libraries.c) echo '*' ;; # names their versions, uses none
    src/base/*) echo 'xxhash.h|xxh_x86dispatch.h|nettle/*' ;;
    src/input/reader_dcmtk*.cc) echo 'dcmtk/*|zlib.h|xxhash.h' ;;
    src/input/cage.c) echo 'seccomp.h' ;;
    src/input/*) echo 'zlib.h|xxhash.h' ;;
    src/store/*) echo 'sqlite3.h' ;;
    src/metrics/*) echo 'gsl/*' ;;
    src/rules/*) echo 'jansson.h|pcre2.h|nettle/*' ;;
    src/report/*) echo 'jansson.h|libxml/*' ;;
    src/run/*) echo 'gsl/gsl_errno.h' ;; # dcr_init() turns off its abort()
    include/dcmrisk/rules.h | include/dcmrisk/report.h) echo 'jansson.h' ;;
    *) echo ;;
    esac
}

# Headers of C and the system (<sys/socket.h> for socketpair; banned.sh knows that there is no
# network code).  A header of C++ has neither dot nor slash.
system='assert.h|ctype.h|dirent.h|errno.h|fcntl.h|float.h|ftw.h|getopt.h|inttypes.h|limits.h|math.h'
system="$system|poll.h|pthread.h|sched.h|setjmp.h|signal.h|stdalign.h|stdarg.h|stdatomic.h|stdbool.h"
system="$system|stddef.h|stdint.h|stdio.h|stdlib.h|string.h|strings.h|time.h|unistd.h|wchar.h"
system="$system|sys/ioctl.h|sys/mman.h|sys/prctl.h|sys/resource.h|sys/stat.h|sys/time.h|sys/types.h"
system="$system|sys/wait.h|sys/random.h|sys/file.h|sys/uio.h|sys/statvfs.h|sys/vfs.h|sys/syscall.h"
system="$system|sys/sysmacros.h|sys/select.h|endian.h|iconv.h|langinfo.h|malloc.h|linux/limits.h|linux/landlock.h|linux/capability.h"
system="$system|sys/socket.h|ucontext.h|fnmatch.h"

# The public headers stack: each includes only those to its left.
stack='err model tables scan frame metric whatif population longitudinal dates hidden pixels rules plan report dcmrisk'

place() {
    n=0
    for h in $stack; do
        n=$((n + 1))
        [ "$h" = "$1" ] && break
    done
    echo "$n"
}

matches() { # matches NAME 'a|b*|c'
    old=$IFS
    IFS='|'
    set -f
    for p in $2; do
        # shellcheck disable=SC2254 # a pattern is wanted
        case $1 in
        $p)
            IFS=$old
            set +f
            return 0
            ;;
        esac
    done
    IFS=$old
    set +f
    return 1
}

bad=0
say() {
    echo "$1"
    bad=1
}

check_angle() { # file name
    matches "$2" "$system" && return
    case $1 in *.cc) case $2 in *[./]*) ;; *) return ;; esac ;; esac
    matches "$2" "$(libraries_for "$1")" || say "$1: <$2> does not belong in this layer"
}

check_quoted() { # file stage name
    case $3 in
    dcmrisk/roles.def) return ;;
    dcmrisk/*.h)
        [ -f "include/$3" ] || say "$1: no include/$3"
        case $1 in
        include/*)
            me=$(basename "$1" .h)
            other=$(basename "$3" .h)
            [ "$(place "$other")" -lt "$(place "$me")" ] ||
                say "$1: $other.h stands to the right of $me.h"
            ;;
        esac
        return
        ;;
    *.def) return ;; # generated from file names
    esac
    grep -q "/$3\\b" Makefile && return # generated too
    [ -f "src/$2/$3" ] && return
    for s in $(stages_for "$2"); do
        [ -f "src/$s/$(basename "$3")" ] && return
    done
    say "$1: \"$3\" is another stage's, or nobody's"
}

for f in include/dcmrisk/*.h src/*/*.c src/*/*.cc src/*/*.h; do
    [ -f "$f" ] || continue
    stage=${f#src/}
    stage=${stage%%/*}
    sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*\([<"][^>"]*\)[>"].*/\1/p' "$f" |
        sort -u >"${TMPDIR:-/tmp}/dcmrisk-layers.$$"
    while read -r inc; do
        case $inc in
        '<'*) check_angle "$f" "${inc#<}" ;;
        *) check_quoted "$f" "$stage" "${inc#\"}" ;;
        esac
    done <"${TMPDIR:-/tmp}/dcmrisk-layers.$$"
done
rm -f "${TMPDIR:-/tmp}/dcmrisk-layers.$$"
twice=$(for f in src/*/*.c src/*/*.cc src/*/*.h; do [ -f "$f" ] && basename "$f"; done | sort | uniq -d)
[ -z "$twice" ] || say "file names that stand in two folders: $twice"
exit "$bad"
