#!/bin/bash
# assemble.sh ROOTFS.tar REPOSITORY-FOLDER OUT-FOLDER: configures the tree and makes the disks that hosts boot from: bare.img;
# tools.img, with compiler and kernel headers; and nouveau-off.img, with nouveau kept away besides, where a driver can be installed.
# Runs as root in a mount namespace of its own (unshare -m), so that what it mounts is gone with it.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")") lab=$(dirname "$(dirname "$(readlink -f "$0")")")
rootfs=$1 repository=$2 out=$3
kernel=$(cat "$repository/kernel")
filesystem=6c616200-6c61-4261-8c61-6200006c6162
tree=$out/tree
mkdir -p "$tree"
tar -xf "$rootfs" -C "$tree" --xattrs
cp -r --no-preserve=ownership "$here"/files/. "$tree/"
chmod 440 "$tree/etc/sudoers.d/ops"
chmod 755 "$tree/etc/initramfs-tools/hooks/nouveau"
# Hooks that put into each initramfs what the root file system here does without: a check before it is mounted (ext4 plays its
# journal back by itself) and device mapper. They are a quarter of the time of an update-initramfs.
rm "$tree"/usr/share/initramfs-tools/hooks/{fsck,dmsetup}
mkdir -p "$tree/dev"
mount --rbind /dev "$tree/dev"
mount -t proc proc "$tree/proc"

# Four of five of the kernel's modules drive what no lab host has. depmod reads all modules, once or twice in each installation of a
# driver: 8 s under software emulation with half of them, 2.4 s with these (2026-11-29).
needed='^\./(arch|crypto|lib|virt)/|^\./fs/(autofs|configfs|ext4|fat|fuse|jbd2|nls|overlayfs)/|^\./fs/[a-z_]*\.ko$'
needed="$needed|^\./net/(802|bridge/bridge\.ko|core|llc|packet)|^\./net/.*/(nf|nft|ip6?_tables|x_tables)[a-z0-9_]*\.ko$"
needed="$needed|^\./drivers/(acpi|block|char|firmware|gpu|i2c/algos|pci|thermal|vfio|vhost|virt|virtio)/"
needed="$needed|/(cec|dm-mod|evdev|mxm-wmi|rc-core|tun|wmi|(net_)?failover|virtio_net)\.ko$"
(cd "$tree/lib/modules/$kernel/kernel" && find . -name '*.ko' | grep -vE "$needed" | xargs rm)

# labpci.ko, and the stand-in VM process
modules=$out/labpci
mkdir "$modules" && cp "$lab"/hardware/* "$modules/"
make -s -C "$repository/headers/usr/src/linux-headers-$kernel" M="$modules" modules
strip -g "$modules/labpci.ko"
install -D -m 644 -t "$tree/lib/modules/$kernel/updates" "$modules/labpci.ko"
chroot "$tree" depmod "$kernel"
for source in "$lab"/guest/*.c; do gcc -O1 -static -o "$tree/usr/local/bin/$(basename "$source" .c)" "$source"; done

# users and keys
ssh-keygen -q -t ed25519 -N '' -C lab-host -f "$out/ssh_host_ed25519_key"
ssh-keygen -q -t ed25519 -N '' -C lab -f "$out/id_ed25519"
rm -f "$tree"/etc/ssh/ssh_host_*
install -m 600 "$out/ssh_host_ed25519_key" "$tree/etc/ssh/"
install -m 644 "$out/ssh_host_ed25519_key.pub" "$tree/etc/ssh/"
# Without PAM, sshd lets nobody in whose password is locked; this one is only impossible.
chroot "$tree" useradd -m -s /bin/bash -p '*' ops
chroot "$tree" useradd -m -s /bin/bash -G sudo -p "$(openssl passwd -6 lab)" admin
for home in root home/ops home/admin; do
	install -d -m 700 "$tree/$home/.ssh"
	install -m 600 "$out/id_ed25519.pub" "$tree/$home/.ssh/authorized_keys"
done
chroot "$tree" chown -R ops: /home/ops
chroot "$tree" chown -R admin: /home/admin

# system
echo lab > "$tree/etc/hostname"
tr -d - < /proc/sys/kernel/random/uuid > "$tree/etc/machine-id"
mkdir -p "$tree/srv/packages"
printf 'UUID=%s / ext4 noatime 0 0\nLABEL=lab-packages /srv/packages ext4 ro,noatime,nofail 0 0\n' $filesystem > "$tree/etc/fstab"
rm -f "$tree"/etc/apt/sources.list.d/* "$tree/etc/apt/apt.conf.d/99mmdebstrap"	# the latter turned recommended packages off
echo 'deb [trusted=yes] file:/srv/packages ./' > "$tree/etc/apt/sources.list"
chroot "$tree" systemctl -q enable lab-network.service ssh.service libvirtd.socket
chroot "$tree" systemctl -q disable libvirtd.service libvirt-guests.service
chroot "$tree" systemctl -q mask apt-daily.timer apt-daily-upgrade.timer e2scrub_reap.service e2scrub_all.timer fstrim.timer \
	logrotate.timer dpkg-db-backup.timer systemd-tmpfiles-clean.timer systemd-pstore.service getty@tty1.service getty-static.service
ln -sf /lib/systemd/system/multi-user.target "$tree/etc/systemd/system/default.target"

# Boot configuration, by the guest's own tools. There is no block device to ask here, so grub-probe gets its answers.
mv "$tree/usr/sbin/grub-probe" "$tree/usr/sbin/grub-probe.real"
cat > "$tree/usr/sbin/grub-probe" <<PROBE
#!/bin/sh
case "\$*" in
*target=device*) echo /dev/vda;;
*fs_uuid*) echo $filesystem;;
*target=fs*|*"-t fs"*) echo ext2;;
*target=drive*) echo '(hd0)';;
*target=compat*) echo hd0;;
esac
PROBE
chmod 755 "$tree/usr/sbin/grub-probe"
mkdir -p "$tree/boot/grub"
chroot "$tree" update-initramfs -c -k "$kernel"
chroot "$tree" update-grub
mv "$tree/usr/sbin/grub-probe.real" "$tree/usr/sbin/grub-probe"

# What lies in the local repository; apt knows it, as after `apt-get update`.
with_packages() {
	mount --bind "$repository/packages" "$tree/srv/packages"
	chroot "$tree" apt-get -q "$@"
	umount "$tree/srv/packages"
}

disk() { # disk NAME: of the tree as it is now
	# Without this systemd takes the first boot for one after an update of /usr, and rebuilds its caches for 10 s.
	touch -r "$tree/usr" "$tree/etc/.updated" "$tree/var/.updated"
	umount -l "$tree/dev" "$tree/proc"
	mke2fs -q -t ext4 -m 0 -U $filesystem -L lab -E lazy_itable_init=0,root_owner=0:0 -d "$tree" "$out/$1.img" 6G
	mount --rbind /dev "$tree/dev"
	mount -t proc proc "$tree/proc"
}

with_packages update
disk bare
# As users do it, except that here no processor is emulated: it takes a tenth of the time.
with_packages install -y gcc make "linux-headers-$kernel"
disk tools
printf 'blacklist nouveau\noptions nouveau modeset=0\n' > "$tree/etc/modprobe.d/blacklist-nouveau.conf"
chroot "$tree" update-initramfs -u -k "$kernel"
disk nouveau-off

umount -l "$tree/dev" "$tree/proc"
rm -rf "$tree" "$modules"
chmod -R a+rX "$out"
chmod 600 "$out/id_ed25519"
