#!/usr/bin/env -S -i /usr/bin/timeout -k 5 170 /bin/sh
# shellcheck shell=sh disable=SC2034
# The probe of pulumi-nvidia-vgpu VERSION, for logins that only look. It prints the state of this host, and does nothing else.
# The first line removes the environment of the caller and limits the time; standard input is not read, and arguments are ignored.
set --
PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 077
nvidia_vgpu_probe='VERSION DIGEST'
# sudoers may allow this file alone. sudo ends with 1 if it refuses, and the probe never does; then it reads what this user may read.
if [ "$(id -u)" != 0 ] && command -v sudo >/dev/null; then
    sudo -n -- "$0" </dev/null
    code=$?
    [ $code = 1 ] || exit $code
fi
