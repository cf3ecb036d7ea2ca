# Proxmox with boot partitions of proxmox-boot-tool: either GRUB or systemd-boot ("uefi") starts the kernel from them, each with its own
# configuration. A menu in /boot is not read then.

proxmox_partitions=/etc/kernel/proxmox-boot-uuids
started_with=/proc/cmdline

# ask_proxmox_loader: sets $loaders to the loaders on the boot partitions, and $booted_by to the one that starts this host.
ask_proxmox_loader() {
    loader_status=$(proxmox-boot-tool status 2>&1) ||
        fail "proxmox-boot-tool status failed, and nothing was changed: $loader_status" || return
    loaders=$(printf '%s\n' "$loader_status" | sed -n 's/([^)]*)//g; s/.* is configured with: *//p' | tr -s ', ' '\n' | sort -u | paste -sd ' ' -)
    value "$started_with" || fail "$started_with cannot be read, and nothing was changed" || return
    case " $value" in
    *' initrd=\EFI\proxmox'*) booted_by=uefi ;;
    *' BOOT_IMAGE='*) booted_by=grub ;;
    *) booted_by=$loaders ;;
    esac
    case "$booted_by: $loaders " in
    'grub:'*' grub '* | 'uefi:'*' uefi '*) ;;
    *) fail "it cannot be told whether GRUB or systemd-boot starts this host, and nothing was changed. proxmox-boot-tool status:" \
        "$loader_status; the kernel was started with: $value" || return ;;
    esac
    [ "$booted_by" = grub ] || [ -s "$kernel_cmdline" ] ||
        fail "systemd-boot starts this host, and there is no $kernel_cmdline"
}

# edit_proxmox_loaders "REMOVE..." "ADD...": edits the files of both loaders, if they exist.
edit_proxmox_loaders() {
    for loader in $loaders; do
        case $loader in
        grub) [ ! -e "$grub_defaults" ] && [ "$booted_by" != grub ] || change_grub "$@" || return ;;
        uefi) [ ! -s "$kernel_cmdline" ] || edit_cmdline "$@" || return ;;
        esac
    done
}

proxmox_words_now() {
    case $booted_by in
    grub) grub_words ;;
    uefi) cat "$kernel_cmdline" ;;
    esac
}

# Prints the command line of the next boot: one line, unless the partitions differ. If they cannot be read, that is the file of
# systemd-boot, which proxmox-boot-tool copies unchanged.
proxmox_words_next() {
    partition_words=$(words_of_partitions)
    [ -n "$partition_words" ] || [ "$booted_by" = grub ] || partition_words=$(head -n 1 "$kernel_cmdline")
    printf '%s\n' "$partition_words"
}

words_of_partitions() {
    while read -r partition _; do
        case $booted_by in
        grub) partition_files "$partition" grub/grub.cfg | menu_words - ;;
        uefi) partition_files "$partition" 'loader/entries/proxmox-*.conf' | sed -n 's/^options[[:space:]]*//p' ;;
        esac
    done <"$proxmox_partitions" | sort -u
}

# partition_files UUID PATTERN: the partition is mounted for this process alone.
partition_files() {
    mkdir -p "$run_vgpu/partition" || return
    # shellcheck disable=SC2016
    unshare -m sh -c '{ mount -o ro "$1" "$2" || mount "$1" "$2"; } && cat "$2"/$3' sh "/dev/disk/by-uuid/$1" "$run_vgpu/partition" "$2" </dev/null 2>/dev/null
}
