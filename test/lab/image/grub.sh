#!/bin/bash
# grub.sh OUT-FOLDER: GRUB as a kernel image for QEMU's -kernel, so that the disk needs no partition table and no
# boot sector. It goes on to the guest's own /boot/grub/grub.cfg.
set -euo pipefail
cat > "$1/embedded.cfg" <<'CFG'
serial --unit=0 --speed=115200
terminal_output serial
set root=(hd0)
set prefix=(hd0)/boot/grub
configfile /boot/grub/grub.cfg
CFG
grub-mkimage -O i386-pc -d /usr/lib/grub/i386-pc -p '(hd0)/boot/grub' -c "$1/embedded.cfg" -o "$1/core.img" \
	biosdisk ext2 normal configfile linux search search_fs_uuid search_label part_msdos part_gpt echo test gzio reboot halt boot \
	minicmd sleep terminal serial ls cat loadenv all_video gfxterm true
cat /usr/lib/grub/i386-pc/lnxboot.img "$1/core.img" > "$1/grub.lkrn"
