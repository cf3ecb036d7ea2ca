#!/bin/sh
# usage: light-hosts.sh TREE HOSTS PORT, as root
#
# A light host for each folder of HOSTS, which is called after its address. All end when this ends: it is the first process of a
# process namespace.

here=$(dirname "$0")
for own in "$2"/*; do unshare --mount sh "$here/light-host.sh" "$1" "$own" "$3" & done
wait
