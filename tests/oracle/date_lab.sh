#!/bin/sh
# The date laboratory against 1,000 generated calendars, moved as published tools move them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec /usr/bin/python3 "$here/date_lab.py" "${BUILD:-build/release}/datelab"
