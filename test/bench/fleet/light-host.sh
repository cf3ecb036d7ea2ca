#!/bin/sh
# usage: light-host.sh TREE OWN PORT, as root in a mount namespace of its own
#
# Runs sshd with TREE as its root, and with the files of the folder OWN mounted over those of the tree. OWN has the name of the address.

tree=$1 own=$2 port=$3
for file in $(cd "$own" && find . -type f); do mount --bind "$own/$file" "$tree/$file" || exit; done
mount --rbind / "$tree/host" || exit
exec chroot "$tree" /host/usr/sbin/sshd -D -e -f /etc/ssh/sshd_config -o "ListenAddress=${own##*/}:$port"
