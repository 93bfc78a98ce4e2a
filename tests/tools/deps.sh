#!/bin/sh
# Installs the Debian packages given, when some are missing: as root, or through sudo.
# Otherwise prints the one line that does it, and fails.  A package that another one provides
# (npm, in some builds of nodejs) is there.
# usage: deps.sh PACKAGE...
set -eu
here=$(dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' |
    sed -n 's/^installed //p' | tr ',' '\n' | sed 's/^ *//; s/[ (].*//')
missing=
for p in "$@"; do
    printf '%s\n' "$here" | grep -qxF "$p" || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
install="apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends$missing"
if [ "$(id -u)" -eq 0 ]; then
    sudo=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    sudo='sudo -n env'
else
    echo "dcmrisk needs packages that are not installed; run:" >&2
    echo "    sudo apt-get update && sudo $install" >&2
    exit 1
fi
echo "installing:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
$sudo apt-get -qq update >/dev/null
# shellcheck disable=SC2086
$sudo $install >/dev/null
