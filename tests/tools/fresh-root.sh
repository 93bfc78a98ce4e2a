#!/bin/sh
# Proves that a fresh Debian 12 machine with only git, make and apt can run `make demo` and
# `make test` (or the targets given): a minimal root made by mmdebstrap, a clone of this
# repository's HEAD, and chroot.  Or that the Debian package installs there with what it says it
# needs, works (.packaging/debian/tests/smoke), and leaves nothing behind when it is purged.
# Needs root, mmdebstrap and a Debian mirror.
# usage: fresh-root.sh [TARGET...] | --deb PACKAGE.deb        (SUITE=bookworm, trixie, ...)
set -eu
[ "$(id -u)" -eq 0 ] || {
    echo "fresh-root.sh makes a root file system: run it as root" >&2
    exit 77
}
here=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -gt 0 ] || set -- demo test
with=git,make
[ "$1" != --deb ] || with=ca-certificates
root=$(mktemp -d "${TMPDIR:-/tmp}/dcmrisk-root.XXXXXX")
clean() {
    umount "$root/proc" "$root/dev/shm" "$root/dev/pts" 2>/dev/null || true
    rm -rf "$root"
}
trap clean EXIT
trap 'exit 1' INT TERM
mmdebstrap --quiet --variant=apt --include="$with" "${SUITE:-bookworm}" "$root"
cp /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"
mkdir -p "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o ptmxmode=0666,newinstance devpts "$root/dev/pts"
ln -sf pts/ptmx "$root/dev/ptmx"
inside() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 sh -c "$1"
}
if [ "$1" = --deb ]; then
    cp "$2" "$root/dcmrisk.deb"
    cp "$here/.packaging/debian/tests/smoke" "$root/smoke"
    echo "== apt-get install in a fresh root"
    inside 'apt-get -qq update && apt-get -qq install --no-install-recommends /dcmrisk.deb'
    inside 'dcmrisk --version && dpkg --verify dcmrisk'
    inside 'apt-get -qq install --no-install-recommends man-db python3 python3-pydicom'
    inside 'sh /smoke'
    # shellcheck disable=SC2016 # the shell inside expands it
    inside 'for page in $(dpkg -L dcmrisk | sed -n "s|.*/man[157]/\(.*\)\.[157]\.gz$|\1|p"); do
        man -P cat "$page" | grep -q . || exit 1; echo "man $page"; done'
    inside 'apt-get -qq purge dcmrisk && ! find /usr /etc /var/lib -name "*dcmrisk*" \
        -not -path "/var/lib/dpkg/*" | grep .'
    echo "== done: $2"
    exit
fi
git clone -q "$here" "$root/dcmrisk"
for target in "$@"; do
    echo "== make $target in a fresh root"
    inside "cd /dcmrisk && make $target"
done
echo "== done: $*"
