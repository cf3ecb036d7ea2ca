#!/bin/bash
# rootfs.sh OUT.tar: Debian 12 with the packages of a KVM host and the newest stock kernel, from the machine's own mirror.
set -euo pipefail
packages=systemd-sysv,udev,dbus,libpam-systemd,openssh-server,sudo,pciutils,kmod,iproute2,procps,less,xz-utils,uuid-runtime,nftables,\
mdevctl,libvirt-daemon-system,libvirt-clients,libvirt-daemon-driver-qemu,qemu-system-x86,\
initramfs-tools,grub2-common,grub-pc-bin,qemu-guest-agent,linux-image-amd64
sources=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Identifier: Packages' | sort -u | awk '$2 ~ /^bookworm/ && $1 ~ /debian/ { print "deb " $1 " " $2 " main" }')
[ -n "$sources" ] || { echo "apt on this machine knows no Debian 12 (bookworm) mirror" >&2; exit 1; }
# update-initramfs waits until the tree is configured.
echo "$sources" | mmdebstrap --variant=minbase --skip=output/dev --include="$packages" \
	--aptopt='APT::Install-Recommends "false"' \
	--essential-hook='printf "#!/bin/sh\nexit 0\n" > $1/usr/local/sbin/update-initramfs; chmod 755 $1/usr/local/sbin/update-initramfs' \
	--customize-hook='rm $1/usr/local/sbin/update-initramfs' \
	bookworm "$1" -
