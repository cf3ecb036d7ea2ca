#!/bin/bash
# repository.sh ROOTFS.tar OUT-FOLDER: the packages that users install on the bare host, with all that the guest lacks for
# them, as an apt repository on a read-only disk; and the kernel headers unpacked, to build labpci.ko here.
set -euo pipefail
rootfs=$1 out=$2
work=$(mktemp -d "$out/work.XXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$out/packages/partial" "$out/headers"
tar -xf "$rootfs" -C "$work" --wildcards './var/lib/dpkg/status' './usr/lib/modules/*/modules.order'
kernel=$(basename "$(dirname "$(ls "$work"/usr/lib/modules/*/modules.order | sort -V | tail -n 1)")")
apt-get -y --download-only --no-install-recommends -o Debug::NoLocking=1 -o Dir::State::status="$work/var/lib/dpkg/status" \
	-o Dir::Cache::archives="$out/packages" install gcc make libc6-dev "linux-headers-$kernel" dkms patch
rm -rf "$out/packages/partial" "$out/packages/lock"
# Under software emulation a third of an installation goes into unpacking xz and computing hashes. So the packages' members
# are stored as they are, and the index has one hash of each.
for package in "$out"/packages/*.deb; do
	members=$(mktemp -d "$work/deb.XXXX")
	(cd "$members" && ar x "$package" && unxz -- *.xz && rm "$package" && ar rcS "$package" debian-binary control.tar data.tar)
	rm -rf "$members"
done
(cd "$out/packages" && dpkg-scanpackages -m --hash=sha256 . > Packages 2>/dev/null)
size=$(($(du -sm "$out/packages" | cut -f1) + 32))
mke2fs -q -t ext4 -m 0 -L lab-packages -d "$out/packages" "$out/repository.img" "${size}M"
for package in "$out"/packages/linux-headers-* "$out"/packages/linux-kbuild-*; do dpkg-deb -x "$package" "$out/headers"; done
# The headers' Makefile names its common part by an absolute path: that of the folder's final name.
sed -i "s|/usr/src/|${out%.unfinished}/headers/usr/src/|" "$out/headers/usr/src/linux-headers-$kernel/Makefile"
echo "$kernel" > "$out/kernel"
