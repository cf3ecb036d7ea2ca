#!/bin/sh
# usage: light-hosts.sh TREE HOSTS PORT, as root
#
# Runs a light host for each folder of HOSTS, which has the name of its address. All end with this script: it is the first process of a
# process namespace.

here=$(dirname "$0")
for own in "$2"/*; do unshare --mount sh "$here/light-host.sh" "$1" "$own" "$3" & done
wait
