#!/bin/sh
# Prints what a host looks like, as a *capture* (capture.ts says how it is framed). usage: sh probe.sh BOUNDARY
#
# It only reads, and it decides nothing: whatever can be told in TypeScript is told there, so that any capture replays as
# test data. A process costs more than what it reads, so paths are collected and read in bulk: 256 virtual functions take
# as many processes as none.

export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
boundary=$1
# find wants to come back to where it started, which sudo may have made unreachable.
cd /

# Lists of paths, wildcards among them, that the shell expands in the end.
whole=    # files to be printed as they are
partly=   # files of which the lines that match $patterns are printed
patterns= # each is written for one kind of file; a stray match in another does no harm
present=  # what only has to be known to be there

section() { printf '\n--%s %s\n' "$boundary" "$1"; }
has() { command -v "$1" >/dev/null; }

want_system() {
    whole="$whole /etc/os-release /etc/machine-id /sys/class/dmi/id/product_uuid /sys/class/dmi/id/sys_vendor
        /sys/class/dmi/id/product_name /proc/sys/kernel/random/boot_id /proc/sys/kernel/osrelease /proc/cmdline
        /proc/sys/kernel/hostname /var/run/reboot-required.pkgs /run/nvidia-vgpu/reboot-required"
    partly="$partly /proc/self/mounts"
    patterns="$patterns| (/|/boot|/home|/root|/tmp|/usr|/var|/var/tmp) "
    # DMAR and IVRS are what firmware describes an IOMMU of Intel's or AMD's with, if it is switched on there.
    present="$present /sys/firmware/acpi/tables/DMAR /sys/firmware/acpi/tables/IVRS /sys/firmware/efi /usr/bin/pveversion
        /sys/class/iommu/* /sys/kernel/iommu_groups/* /var/run/reboot-required /run/reboot-needed /usr/include/stdio.h"
}

want_kernels() {
    partly="$partly /lib/modules/*/modules.dep /lib/modules/*/modules.builtin"
    patterns="$patterns|^[^:]*/(mdev|vfio-pci-core|pci-pf-stub|nouveau|nvidia|nvidia-vgpu-vfio)\.ko"
    # The link to the headers exists in any case; only installed ones have something to make in them.
    present="$present /lib/modules/*/build/Makefile /lib/modules/*/vmlinuz /boot/vmlinuz-*"

    partly="$partly /boot/grub/grub.cfg /boot/grub2/grub.cfg /etc/default/grub /etc/default/grub.d/*.cfg"
    patterns="$patterns|^[[:space:]]*(set default=|menuentry |submenu |linux(16|efi)?[[:space:]]|blscfg|GRUB_)"
    whole="$whole /boot/grub/grubenv /boot/grub2/grubenv /boot/loader/entries/*.conf /etc/kernel/cmdline /etc/kernel/*-pin
        /etc/nvidia-vgpu/kernel-words /etc/nvidia-vgpu/rebooted-for"
    present="$present /etc/kernel/proxmox-boot-uuids"
}

want_driver() {
    partly="$partly /proc/modules /etc/modprobe.d/*.conf /run/modprobe.d/*.conf /usr/lib/modprobe.d/*.conf"
    patterns="$patterns|^(nvidia|nouveau|vfio|mdev|iommufd|kvm|pci_pf_stub)"
    patterns="$patterns|^[[:space:]]*(blacklist|options|install)[[:space:]]+(nouveau|nvidia|vfio)"
    whole="$whole /sys/module/nvidia*/version /proc/driver/nvidia/version /proc/driver/nvidia/gpus/*/information"
    present="$present /usr/lib/nvidia/sriov-manage /usr/lib/nvidia/alternate-install-present /usr/bin/nvidia-vgpu-mgr
        /usr/bin/nvidia-vgpud /usr/bin/nvidia-uninstall /var/lib/dkms/nvidia*/*/*"
}

# Every display function with NVIDIA's vendor id, VFs included.
want_gpus() {
    functions= types_below= described_buses= ids=
    for function in /sys/bus/pci/devices/*; do
        [ -e "$function/vendor" ] && read -r vendor <"$function/vendor" && read -r class <"$function/class" || continue
        case $vendor-$class in 0x10de-0x03*) ;; *) continue ;; esac
        functions="$functions $function/"
        [ -d "$function/mdev_supported_types" ] && want_types "$function"
        [ -e "$function/physfn" ] && continue
        read -r id <"$function/device"
        case $ids in *"${id#0x}"*) ;; *) ids="$ids;/^	${id#0x}  /p" ;; esac
        for attribute in vendor device class subsystem_vendor subsystem_device driver_override numa_node boot_vga \
            sriov_totalvfs sriov_numvfs sriov_offset sriov_stride; do
            [ -e "$function/$attribute" ] && whole="$whole $function/$attribute"
        done
    done
    whole="$whole /sys/bus/pci/slots/*/address /sys/bus/pci/devices/*/nvidia/current_vgpu_type
        /sys/bus/pci/devices/*/nvidia/creatable_vgpu_types /sys/bus/pci/devices/*/nvidia/vgpu_params
        /sys/bus/mdev/devices/*/nvidia/vgpu_params /etc/mdevctl.d/*/????????-*
        /etc/nvidia-vgpu/vgpus/????????-*"
    present="$present /sys/bus/pci/devices/*/vfio-dev/* /sys/bus/mdev/devices/*/vfio-dev/*"
}

# All VFs of a card have the same types, so their names are read once a bus; how many are left, on each.
want_types() {
    types_below="$types_below $1/mdev_supported_types"
    case " $described_buses " in *" ${1%:*} "*) return ;; esac
    described_buses="$described_buses ${1%:*}"
    whole="$whole $1/mdev_supported_types/*/name $1/mdev_supported_types/*/description"
}

want_users() {
    whole="$whole /proc/[0-9]*/comm /run/qemu-server/*.pid"
    # Which processes are the first of a PID namespace of their own.
    partly="$partly /proc/[0-9]*/status"
    patterns="$patterns|^NSpid:([[:space:]]+[0-9]+)+[[:space:]]+1\$"
    # Definitions of guests, and the state of those that run. A device of the host has no type in its address.
    partly="$partly /proc/[0-9]*/cgroup /etc/libvirt/qemu/*.xml /run/libvirt/qemu/*.xml"
    patterns="$patterns|^(0:|[0-9]+:name=systemd):/.|<address (uuid|domain)="
}

# Prints the first line of the file $1 that begins with $2. No process.
first_line() {
    while read -r line; do
        case $line in "$2"*) printf '%s\t%s\n' "$1" "$line" && return ;; esac
    done <"$1"
}

# Files as "path<TAB>line", where grep writes a NUL that becomes a tab on the way out; links as "path<TAB>target". What exists
# but cannot be read ends up among the complaints.
print_collected() {
    section files
    first_line /proc/self/status Uid:
    first_line /proc/cpuinfo vendor_id
    # Together they tell what time it is, by the clock that files are dated with.
    first_line /proc/uptime ''
    first_line /proc/stat btime
    grep -aHd skip --null '' $whole
    grep -aHEd skip --null "${patterns#|}" $partly
    # Found by grep itself: a large host has more of these than fit on a command line.
    [ -n "$types_below" ] && grep -arH --null --include=available_instances '' $types_below
    # A cluster file system, which hangs without its daemon: not even a wildcard may touch it unguarded.
    [ -e /usr/bin/pveversion ] && timeout 10 grep -arHE --null --include='*.conf' --include=pci.cfg \
        '^(hostpci[0-9]+:|pci:|[[:space:]]+map |\[)' /etc/pve/qemu-server /etc/pve/mapping

    section links
    for path in $present; do
        [ -e "$path" ] && printf '%s\t\n' "$path"
    done
    find $functions /sys/bus/mdev/devices /sys/bus/mdev/devices/*/ -mindepth 1 -maxdepth 1 \
        '(' -name driver -o -name iommu_group -o -name physfn -o -name 'virtfn*' -o -name mdev_supported_types \
        -o -name nvidia -o -name mdev_type -o -name '????????-????-*' ')' -printf '%p\t%l\n'
    find /proc/[0-9]*/fd '(' -lname '/dev/nvidia*' -o -lname '/dev/vfio/*' -o -lname 'anon_inode:kvm-vm' ')' -printf '%p\t%l\n'

    section times
    find /boot/initr* /etc/modprobe.d/*.conf /usr/lib/modprobe.d/*.conf -maxdepth 0 -printf '%p\t%T@\n'

    # Of command lines only the words that name a device or a guest: the rest may hold secrets.
    section words
    grep -aHoEz '(sysfsdev|host)"?[=:]"?[^", ]*|guest=[^,]*' /proc/[0-9]*/cmdline
}

# Of the files of Docker and Podman nothing but names: the rest may hold secrets.
print_container_names() {
    set -- /var/lib/docker/containers/*/config.v2.json /var/lib/containers/storage/overlay-containers/*containers.json
    [ -e "$1" ] || [ -e "$2" ] || return
    section container-names
    grep -aHosE '"Name":"/[^"]*"|"id":"[0-9a-f]{64}","names":\[[^]]*]' "$@"
}

print_system() {
    # One byte behind four bytes of attributes; not text.
    section secure-boot
    [ -e /sys/firmware/efi ] && od -An -tu1 /sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c

    section disk
    timeout 10 df -Pk / /boot /root /tmp /usr /var /var/tmp

    section tools
    for tool in cc gcc make ld dkms lspci mdevctl virsh qm docker podman apt-get dnf yum zypper dpkg rpm update-grub \
        grub-mkconfig grub2-mkconfig grubby proxmox-boot-tool update-initramfs dracut systemctl journalctl nvidia-smi \
        nvidia-uninstall nvidia-installer mokutil sha256sum setsid flock timeout sudo; do
        command -v "$tool"
    done

    section pci-ids
    for names in /usr/share/misc/pci.ids /usr/share/hwdata/pci.ids /usr/share/pci.ids; do
        [ -n "$ids" ] && [ -r "$names" ] && sed -n "/^10de /,/^[0-9a-f]/{${ids#;}}" "$names" && break
    done
}

print_driver() {
    section modinfo
    set --
    for module in /lib/modules/*/*/nvidia.ko* /lib/modules/*/*/*/nvidia.ko* /lib/modules/*/*/*/*/nvidia.ko*; do
        [ -e "$module" ] && set -- "$@" "$module"
    done
    [ $# -gt 0 ] && has modinfo && modinfo "$@" | grep -E '^(filename|version|license):'

    section packages
    has dpkg-query && dpkg-query -W -f 'deb\t${db:Status-Abbrev}\t${Package}\t${Version}\n' 'nvidia-*' 'pve-nvidia-*'
    has rpm && timeout 10 rpm -qa --qf 'rpm\tii\t%{NAME}\t%{VERSION}-%{RELEASE}\n' 'nvidia*' 'NVIDIA*' 'kmod-nvidia*'

    section services
    has systemctl && timeout 10 systemctl show --no-pager \
        -p Id,LoadState,UnitFileState,ActiveState,SubState,Result,ExecMainStatus \
        nvidia-vgpud.service nvidia-vgpu-mgr.service libvirtd.service virtqemud.service \
        'nvidia-*.service' '*dcgm*.service' 'pve-nvidia-*.service'

    section vgpud-journal
    [ -e /usr/bin/nvidia-vgpud ] && has journalctl && timeout 10 journalctl -b -u nvidia-vgpud -o cat --no-pager |
        grep -E '^vGPU types:|not supported|[Ee]rror|[Ff]ailed'
}

# Last, because it may have to wait for a sick GPU. Without a loaded module it would load one.
print_nvidia_smi() {
    [ -e /proc/driver/nvidia/version ] && has nvidia-smi || return
    section nvidia-smi
    timeout -k 2 30 nvidia-smi -q
    code=$?
    section nvidia-smi-exit
    echo "$code"
}

probe() {
    want_system
    want_kernels
    want_driver
    want_gpus
    want_users
    print_collected
    print_container_names
    print_system
    print_driver
    print_nvidia_smi
}

# A function, because the script may itself come in on standard input: it is read to its end before anything runs.
main() {
    printf 'nvidia-vgpu-capture 1 %s\n' "$boundary"
    complaints=$({ probe | tr '\000' '\t' >&3; } 2>&1)
    section complaints
    printf '%s\n' "$complaints" | grep -vE ': No such file or directory$|: no packages found matching'
    section end
}

main 3>&1 </dev/null
