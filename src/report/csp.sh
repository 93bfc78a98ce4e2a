#!/bin/sh
# Writes the sources that a report's Content-Security-Policy allows: the style sheet and
# the script of the report and the style sheet of the annex, by the digest of their bytes.
# usage: csp.sh CSS JS ANNEX_CSS
set -eu
source_of() {
    hex=$(sha256sum "$1" | cut -c1-64)
    # The digest as bytes: each pair of hex digits is printed as an octal escape.
    octal=$(for pair in $(printf '%s' "$hex" | sed 's/../& /g'); do printf '\\%03o' "0x$pair"; done)
    # shellcheck disable=SC2059 # the digits are the format
    printf "$octal" | base64
}
printf '#define DCR_CSP_STYLE "sha256-%s"\n' "$(source_of "$1")"
printf '#define DCR_CSP_SCRIPT "sha256-%s"\n' "$(source_of "$2")"
printf '#define DCR_CSP_ANNEX "sha256-%s"\n' "$(source_of "$3")"
