# Linux' own drivers for NVIDIA's GPUs, and the initramfs of the next boot.

nouveau_blacklist=/etc/modprobe.d/nvidia-vgpu-nouveau.conf
boot=/boot
efi=/efi
modprobe_d=/etc/modprobe.d
modprobe_usr=/usr/lib/modprobe.d
run_vgpu=/run/nvidia-vgpu

blacklist_nouveau() {
    printf '%s\n' '# Written by pulumi-nvidia-vgpu: nouveau and nova must not use the GPUs of the vGPU Manager.' \
        'blacklist nouveau' 'blacklist nova_core' 'blacklist nova_drm' 'options nouveau modeset=0' >"$nouveau_blacklist" || cannot_write "$nouveau_blacklist"
}

allow_nouveau() { rm -f "$nouveau_blacklist"; }

# rebuild_initramfs TOOL KERNEL
rebuild_initramfs() {
    mkdir -p "$run_vgpu" && : >"$run_vgpu/began" || return
    date_from_now "$modprobe_d"/*.conf "$modprobe_usr"/*.conf || return
    case $1 in
    update-initramfs) update-initramfs -u -k "$2" ;;
    dracut) dracut --force --kver "$2" ;;
    *) fail "unknown initramfs tool $1" ;;
    esac 2>&1 || fail "$1 failed for $2" || return
    # In /boot, in a folder of the kernel's boot entry, or in a unified image.
    for image in "$boot/initrd.img-$2" "$boot/initramfs-$2.img" "$boot/initrd-$2" \
        "$boot"/*/"$2"/initrd "$efi"/*/"$2"/initrd "$boot"/efi/*/"$2"/initrd \
        "$boot"/EFI/Linux/*-"$2.efi" "$efi"/EFI/Linux/*-"$2.efi" "$boot"/efi/EFI/Linux/*-"$2.efi"; do
        [ "$image" -nt "$run_vgpu/began" ] && return
    done
    fail "$1 ended with 0, and $boot shows no new initramfs for $2"
}

# A file with a date in the future would always be newer than the initramfs, so it could not be proved to be in it.
date_from_now() {
    for dated; do
        [ "$dated" -nt "$run_vgpu/began" ] || continue
        say "$dated is dated in the future; its time is set to now"
        touch "$dated" || fail "$dated is dated in the future, and its time cannot be set to now" || return
    done
}
