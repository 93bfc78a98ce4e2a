#!/bin/sh
# Proves that a fresh Debian 12 machine with only git, make and apt can run `make demo` and
# `make test` (or the targets given): a minimal root made by mmdebstrap, a clone of this
# repository's HEAD, and chroot.  Needs root, mmdebstrap and a Debian mirror.
# usage: fresh-root.sh [TARGET...]
set -eu
[ "$(id -u)" -eq 0 ] || {
    echo "fresh-root.sh makes a root file system: run it as root" >&2
    exit 77
}
here=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -gt 0 ] || set -- demo test
root=$(mktemp -d "${TMPDIR:-/tmp}/dcmrisk-root.XXXXXX")
clean() {
    umount "$root/proc" "$root/dev/shm" "$root/dev/pts" 2>/dev/null || true
    rm -rf "$root"
}
trap clean EXIT
trap 'exit 1' INT TERM
mmdebstrap --quiet --variant=apt --include=git,make bookworm "$root"
cp /etc/resolv.conf "$root/etc/resolv.conf"
git clone -q "$here" "$root/dcmrisk"
mount -t proc proc "$root/proc"
mkdir -p "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o ptmxmode=0666,newinstance devpts "$root/dev/pts"
ln -sf pts/ptmx "$root/dev/ptmx"
for target in "$@"; do
    echo "== make $target in a fresh root"
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        sh -c "cd /dcmrisk && make $target"
done
echo "== done: $*"
