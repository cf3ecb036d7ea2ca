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

# Definitions of guests, and the state of those that run.
want_guests() {
    whole="$whole /run/qemu-server/*.pid /var/lib/kubelet/device-plugins/kubelet_internal_checkpoint"
    defined="/etc/libvirt/qemu/*.xml /run/libvirt/qemu/*.xml /root/.config/libvirt/qemu/*.xml /home/*/.config/libvirt/qemu/*.xml
        /var/lib/docker/volumes/*/_data/*.xml /var/lib/docker/volumes/*/_data/qemu/*.xml
        /var/lib/containers/storage/volumes/*/_data/*.xml /var/lib/containers/storage/volumes/*/_data/qemu/*.xml"
    [ ! -r /etc/passwd ] || while IFS=: read -r _ _ _ _ _ home _; do
        case $home in /root | /home/* | / | '') ;; *) defined="$defined $home/.config/libvirt/qemu/*.xml" ;; esac
    done </etc/passwd
    [ ! -e /usr/bin/pveversion ] || defined="$defined /etc/pve/qemu-server/*.conf /etc/pve/mapping/pci.cfg"
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

    section links
    for path in $present; do
        [ -e "$path" ] && printf '%s\t\n' "$path"
    done
    links_of="$functions /sys/bus/mdev/devices /sys/bus/mdev/devices/*/"
    print_processes 4<"$own_file"

    section times
    find /boot/initr* /etc/modprobe.d/*.conf /usr/lib/modprobe.d/*.conf -maxdepth 0 -printf '%p\t%T@\n'
}

# Opened only to be found: a look that does not find what is its own says nothing about others.
own_file=/proc/sys/kernel/osrelease

# In portions that fit on any command line. Daemons of libvirt in containers have definitions of their own.
print_processes() {
    portion=0 open= said=
    for process in /proc/[0-9]*; do
        name=
        { read -r name <"$process/comm"; } 2>/dev/null
        case $name in libvirtd | virtqemud)
            # shellcheck disable=SC3013 # dash, bash and busybox know -ef.
            [ "$process/root/etc/libvirt/qemu" -ef /etc/libvirt/qemu ] || defined="$defined $process/root/etc/libvirt/qemu/*.xml" ;;
        esac
        open="$open $process/fd" said="$said $process"
        portion=$((portion + 1))
        [ $portion != 1000 ] || { print_portion; portion=0 links_of= open= said=; }
    done
    open="$open /proc/self/fd" said="$said /proc/self"
    print_portion
}

print_portion() {
    section links
    find $links_of $open -mindepth 1 -maxdepth 1 \
        '(' -name driver -o -name iommu_group -o -name physfn -o -name 'virtfn*' -o -name mdev_supported_types \
        -o -name nvidia -o -name mdev_type -o -name '????????-????-*' \
        -o -lname '*/dev/nvidia*' -o -lname '*/vfio/*' -o -lname 'anon_inode:kvm-vm' -o -lname "$own_file" ')' -printf '%p\t%l\n'

    # Control groups, which processes are the first of a PID namespace of their own, and names, in which there is no tab.
    section files
    names=
    for process in $said; do names="$names $process/comm $process/cgroup $process/status"; done
    grep -aHE --null '^(0:|[0-9]+:name=systemd):/.|^NSpid:([[:space:]]+[0-9]+)+[[:space:]]+1$|^[^:]*$|^[^0-9	][^	]*$' $names

    # Of command lines only the words that name a device or a guest: the rest may hold secrets. Written so that it does not
    # match itself, but for what it is to find of itself.
    section words
    names=
    for process in $said; do names="$names $process/cmdline"; done
    grep -aHoEz '(sysfsdev|host)"?[=:]"?[^", ]*|(path|vfio)=/sys[/][^", ]*|^/sys[/][^", ]*|gues[t]=[^,]*|nvidia-vgpu-own-look' $names
}

# Homes and Proxmox's cluster file system hang without their servers, so not even a wildcard may touch them unguarded. The last file
# proves that all before it were read. Of definitions only what names devices: a device of the host has no type in its address.
print_guarded() {
    timeout 10 sh -c '
        printf "\n--%s files\n" "$1"
        grep -aHoE --null "^(hostpci[0-9]+:|pci:|[[:space:]]+map |\[).*|<address (uuid|domain)=[^/]*|(sysfsdev|host)=[^\", ]*|^Linux\$" \
            $2 /proc/sys/kernel/ostype
        printf "\n--%s disk\n" "$1"
        exec df -Pk / /boot /root /tmp /usr /var /var/tmp' sh "$boundary" "$defined"
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

    print_guarded

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
    want_guests
    print_collected
    print_container_names
    print_system
    print_driver
    print_nvidia_smi
}

# Without those about what is not there, in the words of dash too.
print_complaints() {
    IFS='
'
    set -f
    for complaint in $complaints; do
        case $complaint in *': No such file or directory' | *': No such file' | *': no packages found matching'*) ;; *) printf '%s\n' "$complaint" ;; esac
    done
}

# A function, because the script may itself come in on standard input: it is read to its end before anything runs.
main() {
    printf 'nvidia-vgpu-capture 1 %s\n' "$boundary"
    complaints=$({ probe | tr '\000' '\t' >&3; } 2>&1)
    section complaints
    print_complaints
    section end
}

main 3>&1 </dev/null
