# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the shell scripts of the project share.

die() {
    echo "error: $*" >&2
    exit 1
}

# The LLVM that the release comes with; the formatter's verdict is that of 14.
llvm_version() {
    local codename
    # shellcheck source=/dev/null
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    case $codename in
    bookworm) echo 14 ;;
    noble) echo 18 ;;
    trixie) echo 19 ;;
    *) die "unknown release '$codename': add its LLVM version to tools/lib.sh" ;;
    esac
}
