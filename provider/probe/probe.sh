#!/bin/sh
# Prints the state of a host as a *capture*; capture.ts describes the format. usage: sh probe.sh BOUNDARY
# installed.sh makes it a program of its own, which takes nothing from its caller.
#
# It only reads, and decides nothing: all decisions are made in TypeScript, so that any capture can be replayed as test data.
# Starting a process costs more than reading a file, so paths are collected and read in bulk: 256 virtual functions need no more
# processes than none.

export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
boundary=$1
[ -n "$boundary" ] || read -r boundary </proc/sys/kernel/random/uuid
# find returns to its start folder, which sudo may have made inaccessible.
cd /

# Lists of paths with wildcards, which the shell expands at the end.
whole=    # files that are printed completely
partly=   # files of which only lines that match $patterns are printed
patterns= # each is for one kind of file; a match in another file does no harm
present=  # paths of which only the existence matters

section() { printf '\n--%s %s\n' "$boundary" "$1"; }
has() { command -v "$1" >/dev/null; }

collect_system() {
    whole="$whole /etc/os-release /etc/machine-id /sys/class/dmi/id/product_uuid /sys/class/dmi/id/sys_vendor
        /sys/class/dmi/id/product_name /proc/sys/kernel/random/boot_id /proc/sys/kernel/osrelease /proc/cmdline
        /proc/sys/kernel/hostname /var/run/reboot-required.pkgs /run/nvidia-vgpu/reboot-required"
    partly="$partly /proc/self/mounts"
    patterns="$patterns| (/|/boot|/etc|/home|/root|/tmp|/usr|/var|/var/tmp) "
    # Firmware describes an IOMMU of Intel or AMD in DMAR or IVRS, if it is on there.
    present="$present /sys/firmware/acpi/tables/DMAR /sys/firmware/acpi/tables/IVRS /sys/firmware/efi /usr/bin/pveversion
        /sys/class/iommu/* /sys/kernel/iommu_groups/* /var/run/reboot-required /run/reboot-needed /usr/include/stdio.h"
    # Systems that are replaced as a whole.
    present="$present /run/ostree-booted /usr/sbin/transactional-update /etc/NIXOS /gnu/store"
}

collect_kernels() {
    partly="$partly /lib/modules/*/modules.dep /lib/modules/*/modules.builtin"
    patterns="$patterns|^[^:]*/(mdev|vfio-pci-core|pci-pf-stub|nouveau|nvidia|nvidia-vgpu-vfio)\.ko"
    # The link to the headers always exists; only installed headers have a Makefile.
    present="$present /lib/modules/*/build/Makefile /lib/modules/*/vmlinuz /boot/vmlinuz-*"

    partly="$partly /boot/grub/grub.cfg /boot/grub2/grub.cfg /etc/default/grub /etc/default/grub.d/*.cfg"
    patterns="$patterns|^[[:space:]]*(set default=|menuentry |submenu |linux(16|efi)?[[:space:]]|blscfg|GRUB_)"
    whole="$whole /boot/grub/grubenv /boot/grub2/grubenv /boot/loader/entries/*.conf /efi/loader/entries/*.conf
        /boot/efi/loader/entries/*.conf /etc/kernel/cmdline /etc/kernel/*-pin /sys/firmware/efi/efivars/LoaderInfo-*
        /etc/nvidia-vgpu/kernel-words /etc/nvidia-vgpu/rebooted-for"
    present="$present /etc/kernel/proxmox-boot-uuids"

    # dpkg's lists of the files of kernel packages, instead of a call of dpkg -S.
    partly="$partly /var/lib/dpkg/info/*linux-image*.list /var/lib/dpkg/info/*-kernel*.list"
    patterns="$patterns|^/boot/vmlinuz-"
}

collect_driver() {
    partly="$partly /proc/modules /etc/modprobe.d/*.conf /run/modprobe.d/*.conf /usr/lib/modprobe.d/*.conf"
    patterns="$patterns|^(nvidia|nouveau|nova_|vfio|mdev|iommufd|kvm|pci_pf_stub)"
    patterns="$patterns|^[[:space:]]*(blacklist|options|install)[[:space:]]+(nouveau|nova_|nvidia|vfio)"
    whole="$whole /sys/module/nvidia*/version /proc/driver/nvidia/version /proc/driver/nvidia/gpus/*/information"
    present="$present /usr/lib/nvidia/sriov-manage /usr/lib/nvidia/alternate-install-present /usr/bin/nvidia-vgpu-mgr
        /usr/bin/nvidia-vgpud /usr/bin/nvidia-uninstall /var/lib/dkms/nvidia*/*/*"
}

# Every display function with NVIDIA's vendor id, VFs included.
collect_gpus() {
    functions= types_below= described_buses= ids=
    for function in /sys/bus/pci/devices/*; do
        [ -e "$function/vendor" ] && read -r vendor <"$function/vendor" && read -r class <"$function/class" || continue
        case $vendor-$class in 0x10de-0x03*) ;; *) continue ;; esac
        functions="$functions $function/"
        [ -d "$function/mdev_supported_types" ] && collect_types "$function"
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
        /sys/bus/pci/devices/*/nvidia/gpu_instance_id /sys/bus/mdev/devices/*/nvidia/gpu_instance_id
        /sys/bus/pci/devices/*/nvidia/placement_id /sys/bus/mdev/devices/*/nvidia/placement_id
        /etc/nvidia-vgpu/vgpus/????????-* /etc/nvidia-vgpu/gpus/GPU-* /run/nvidia-vgpu/restore"
    present="$present /sys/bus/pci/devices/*/vfio-dev/* /sys/bus/mdev/devices/*/vfio-dev/*"
}

# All VFs of a GPU have the same types, so their names are read once per bus; the available instances are read for each VF.
collect_types() {
    types_below="$types_below $1/mdev_supported_types"
    case " $described_buses " in *" ${1%:*} "*) return ;; esac
    described_buses="$described_buses ${1%:*}"
    whole="$whole $1/mdev_supported_types/*/name $1/mdev_supported_types/*/description"
}

# Definitions of guests, and the state of running ones.
collect_guests() {
    whole="$whole /run/qemu-server/*.pid /var/lib/kubelet/device-plugins/kubelet_internal_checkpoint"
    defined="/etc/libvirt/qemu/*.xml /run/libvirt/qemu/*.xml /root/.config/libvirt/qemu/*.xml /home/*/.config/libvirt/qemu/*.xml
        /var/lib/docker/volumes/*/_data/*.xml /var/lib/docker/volumes/*/_data/qemu/*.xml
        /var/lib/containers/storage/volumes/*/_data/*.xml /var/lib/containers/storage/volumes/*/_data/qemu/*.xml"
    [ ! -r /etc/passwd ] || while IFS=: read -r _ _ _ _ _ home _; do
        case $home in /root | /home/* | / | '') ;; *) defined="$defined $home/.config/libvirt/qemu/*.xml" ;; esac
    done </etc/passwd
    machines=
    [ ! -e /usr/bin/pveversion ] || machines="/etc/pve/qemu-server/*.conf /etc/pve/mapping/pci.cfg"
    # Not definitions: files that may enable virtual functions at boot.
    defined="$defined /etc/rc.local /etc/rc.d/rc.local /etc/crontab /etc/cron.d/* /var/spool/cron/crontabs/root /var/spool/cron/root
        /etc/systemd/system/*.wants/*.service"
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
    # Together they give the current time, by the clock that dates the files.
    first_line /proc/uptime ''
    first_line /proc/stat btime
    grep -aHd skip --null '' $whole
    grep -aHEd skip --null "${patterns#|}" $partly
    # grep searches itself: a large host has more of these files than fit on a command line.
    [ -n "$types_below" ] && grep -arH --null --include=available_instances '' $types_below

    section links
    for path in $present; do
        [ -e "$path" ] && printf '%s\t\n' "$path"
    done
    links_of="$functions /sys/bus/mdev/devices /sys/bus/mdev/devices/*/"
    print_processes 4<"$own_file"

    section times
    find /boot/initr* /boot/*/*/initrd /efi/*/*/initrd /boot/efi/*/*/initrd /boot/EFI/Linux/*.efi /efi/EFI/Linux/*.efi \
        /boot/efi/EFI/Linux/*.efi /etc/modprobe.d/*.conf /usr/lib/modprobe.d/*.conf -maxdepth 0 -printf '%p\t%T@\n'
}

# Opened only so that the search must find it: a search that does not find its own file proves nothing about others.
own_file=/proc/sys/kernel/osrelease

# In portions that fit on any command line. Daemons of libvirt in containers have definitions of their own.
print_processes() {
    portion=0 open= processes=
    for process in /proc/[0-9]*; do
        name=
        { read -r name <"$process/comm"; } 2>/dev/null
        case $name in libvirtd | virtqemud)
            # shellcheck disable=SC3013 # dash, bash and busybox know -ef.
            [ "$process/root/etc/libvirt/qemu" -ef /etc/libvirt/qemu ] || defined="$defined $process/root/etc/libvirt/qemu/*.xml" ;;
        esac
        open="$open $process/fd" processes="$processes $process"
        portion=$((portion + 1))
        [ $portion != 1000 ] || { print_portion; portion=0 links_of= open= processes=; }
    done
    open="$open /proc/self/fd" processes="$processes /proc/self"
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
    for process in $processes; do names="$names $process/comm $process/cgroup $process/status"; done
    grep -aHE --null '^(0:|[0-9]+:name=systemd):/.|^NSpid:([[:space:]]+[0-9]+)+[[:space:]]+1$|^[^:]*$|^[^0-9	][^	]*$' $names

    # Prints only the words of command lines that name a device or a guest: the rest may contain secrets. The pattern does not match
    # its own command line, apart from the last word, which the search must find.
    section words
    names=
    for process in $processes; do names="$names $process/cmdline"; done
    grep -aHoEz '(sysfsdev|host)"?[=:]"?[^", ]*|(path|vfio)=/sys[/][^", ]*|^/sys[/][^", ]*|gues[t]=[^,]*|nvidia-vgpu-own-look' $names
}

# Homes and Proxmox's cluster file system hang without their servers, so even wildcards on them need a timeout. The last file
# proves that all files before it were read. Prints only lines of definitions that name devices: the address of a host device has no type.
# Users may link anything to a definition in their home, so the pattern for these fits nothing else.
print_guarded() {
    timeout 10 sh -c '
        printf "\n--%s files\n" "$1"
        [ -z "$3" ] || grep -aHoE --null "^(hostpci[0-9]+:|pci:|[[:space:]]+map |\[).*|(sysfsdev|host)=[^\", ]*" $3
        grep -aHoE -D skip --null "<address (uuid|domain)=[^/]*|^[^#]*sriov-manage -e.*|^Linux\$" $2 /proc/sys/kernel/ostype
        printf "\n--%s disk\n" "$1"
        exec df -Pk / /boot /root /tmp /usr /var /var/tmp' sh "$boundary" "$defined" "$machines"
}

# Prints only names from the files of Docker and Podman: the rest may contain secrets.
print_container_names() {
    set -- /var/lib/docker/containers/*/config.v2.json /var/lib/containers/storage/overlay-containers/*containers.json
    [ -e "$1" ] || [ -e "$2" ] || return
    section container-names
    grep -aHosE '"Name":"/[^"]*"|"id":"[0-9a-f]{64}","names":\[[^]]*]' "$@"
}

print_system() {
    # One byte after four bytes of attributes; not text.
    section secure-boot
    [ -e /sys/firmware/efi ] && od -An -tu1 /sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c

    print_guarded

    [ -e /usr/local/lib/nvidia-vgpu/restore.sh ] && section restorer &&
        sha256sum /usr/local/lib/nvidia-vgpu/restore.sh /etc/systemd/system/nvidia-vgpu-restore.service

    section tools
    for tool in cc gcc make ld dkms lspci mdevctl virsh qm docker podman apt-get dnf yum zypper dpkg rpm update-grub \
        grub-mkconfig grub2-mkconfig grubby proxmox-boot-tool update-initramfs dracut systemctl journalctl nvidia-smi \
        nvidia-uninstall nvidia-installer mokutil sha256sum setsid flock timeout sudo; do
        command -v "$tool"
    done

    section pci-ids
    for names in /usr/share/misc/pci.ids /usr/share/hwdata/pci.ids /usr/share/pci.ids; do
        # Ends at the next vendor: the file has 36,000 lines.
        [ -n "$ids" ] && [ -r "$names" ] && sed -n "/^10de /,/^[0-9a-f]/{${ids#;};/^10de /!{/^[0-9a-f]/q;};}" "$names" && break
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

    print_kernel_packages

    section services
    has systemctl && timeout 10 systemctl show --no-pager \
        -p Id,LoadState,UnitFileState,ActiveState,SubState,Result,ExecMainStatus \
        nvidia-vgpud.service nvidia-vgpu-mgr.service nvidia-vgpu-restore.service libvirtd.service virtqemud.service \
        'nvidia-*.service' '*dcgm*.service' 'pve-nvidia-*.service' 'edpm_nvidia_sriov*'

    section vgpud-journal
    [ -e /usr/bin/nvidia-vgpud ] && has journalctl && timeout 10 journalctl -b -u nvidia-vgpud -o cat --no-pager |
        grep -E '^vGPU types:|not supported|[Ee]rror|[Ff]ailed'
}

# The rpm packages of kernels without headers, since headers have their names from these. Other kernels need none.
print_kernel_packages() {
    has rpm || return
    for modules in /lib/modules/*; do
        [ -e "$modules/modules.dep" ] && [ ! -e "$modules/build/Makefile" ] || continue
        kernel=${modules##*/}
        section kernel-packages
        timeout 10 rpm -qf --qf "kernel\t$kernel\t%{NAME}\n" "$modules/vmlinuz" "/boot/vmlinuz-$kernel"
    done
}

# Last, because it may hang on a broken GPU. Without a loaded module it would load one.
print_nvidia_smi() {
    [ -e /proc/driver/nvidia/version ] && has nvidia-smi || return
    section nvidia-smi
    report=$(timeout -k 2 30 nvidia-smi -q)
    code=$?
    printf '%s\n' "$report"
    section nvidia-smi-exit
    echo "$code"
    ! supports_mig || print_mig
    ! hides_places || print_creatable
}

# Whether a GPU of the report supports MIG: the mode of one that does not is N/A.
supports_mig() {
    field=
    IFS='
'
    set -f
    for line in $report; do
        case $line in
        *'MIG Mode'*) field=mode ;;
        *': Enabled' | *': Disabled') [ "$field" != mode ] || break ;;
        *) field= ;;
        esac
    done
    set +f
    unset IFS
    [ "$field" = mode ]
}

# Whether a GPU of the report is in mixed-size mode, on a host on which no file shows the places of its vGPUs.
hides_places() {
    set -- /sys/bus/pci/devices/*/mdev_supported_types
    [ -e "$1" ] || return
    case $report in *'vGPU Heterogeneous Mode'*) ;; *) return 1 ;; esac
    IFS='
'
    set -f
    found=1
    for line in $report; do
        case $line in *'vGPU Heterogeneous Mode'*': Enabled') found=0 ;; esac
    done
    set +f
    unset IFS
    return $found
}

# The places in which vGPUs can be created, by type.
print_creatable() {
    section vgpu-creatable
    timeout -k 2 10 nvidia-smi vgpu -c -v
}

# The types with their GPU instance profiles, also while MIG mode is off.
print_mig() {
    section mig-profiles
    timeout -k 2 10 nvidia-smi mig -lgip
    section mig-placements
    timeout -k 2 10 nvidia-smi mig -lgipp
    section mig-instances
    timeout -k 2 10 nvidia-smi mig -lgi
    section vgpu-types
    timeout -k 2 10 nvidia-smi vgpu -s -v
}

probe() {
    collect_system
    collect_kernels
    collect_driver
    collect_gpus
    collect_guests
    print_collected
    print_container_names
    print_system
    print_driver
    print_nvidia_smi
}

# Leaves out complaints about missing files, also in the wording of dash.
print_complaints() {
    IFS='
'
    set -f
    for complaint in $complaints; do
        case $complaint in */gpu_instance_id*': No such device or address' | */placement_id*': No such device or address' | *': No such file or directory' | *': No such file' | *': no packages found matching'*) ;; *) printf '%s\n' "$complaint" ;; esac
    done
}

# A function, because the script may come from standard input: it is read to its end before anything runs.
main() {
    printf 'nvidia-vgpu-capture 1 %s\n' "$boundary${nvidia_vgpu_probe:+ $nvidia_vgpu_probe}"
    complaints=$({ probe | tr '\000' '\t' >&3; } 2>&1)
    section complaints
    print_complaints
    section end
}

main 3>&1 </dev/null
