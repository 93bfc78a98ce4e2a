#!/bin/sh
# Makes the Debian package from what git knows of this tree (or from all but build/, where there
# is no git): source and binary, in OUT.  The tree itself stays as it is: debian/ exists only in
# a copy below OUT.  Built twice, in any folder, the .deb is the same to the byte.
# usage: deb.sh OUT        (BUILD_PACKAGES, UNIT_PACKAGES, VERSION: as the Makefile has them;
#                          LINTIAN=no leaves the package unread, DEB_BUILD_OPTIONS=nocheck untested)
set -eu
umask 022
top=$(cd "$(dirname "$0")/.." && pwd)
out=$1
: "${BUILD_PACKAGES:?}" "${UNIT_PACKAGES:?}" "${VERSION:?}"
mkdir -p "$out"
out=$(cd "$out" && pwd)
src=$out/dcmrisk-$VERSION
SOURCE_DATE_EPOCH=$(cd "$top/.packaging" && dpkg-parsechangelog -S Timestamp)
debian=$(cd "$top/.packaging" && dpkg-parsechangelog -S Version)
export SOURCE_DATE_EPOCH
[ "${debian%-*}" = "$VERSION" ] || {
    echo "debian/changelog is of $debian, the program says $VERSION" >&2
    exit 1
}
rm -rf "$src" "$out"/dcmrisk_* "$out"/dcmrisk-dbgsym_*
mkdir "$src"

# Files of the tree, NUL-separated; a clone of another user's is no repository to git.
files() {
    cd "$top"
    git -c safe.directory="$top" ls-files -z --cached --others --exclude-standard 2>/dev/null ||
        find . -path ./build -prune -o -path ./.git -prune -o -type f -print0
}
# The samples are output, not source.
files | grep -zv '^\(\./\)\?reports/sample/' | (cd "$top" && tar -c --null -T - --ignore-failed-read) | tar -x -C "$src"
chmod -R u=rwX,go=rX "$src"
tar -c --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    -C "$out" "dcmrisk-$VERSION" | xz -T1 >"$out/dcmrisk_$VERSION.orig.tar.xz"

# One "name," a line: what every build has is left out, what tests alone need is said so.
depends() {
    for p in $BUILD_PACKAGES; do
        case $p in gcc | g++ | libc6-dev | make) ;; *) echo " $p," ;; esac
    done
    for p in $UNIT_PACKAGES; do echo " $p <!nocheck>,"; done
}
cp -R "$src/.packaging/debian" "$src/debian"
depends | sort >"$out/depends"
sed -i -e "/@BUILD_DEPENDS@/{r $out/depends" -e 'd}' "$src/debian/control"
rm "$out/depends"
cd "$src"
dpkg-buildpackage -us -uc "-j$(nproc)" >"$out/build.log" 2>&1 || {
    tail -n 40 "$out/build.log" >&2
    exit 1
}
cd "$out"
[ "${LINTIAN-}" = no ] ||
    lintian -EvI --pedantic --allow-root --fail-on error,warning,info,pedantic --profile debian ./*.changes
rm -rf "$src"
ls -l ./*.deb
