# Who uses a device. Asked again at the last moment: a guest may have started since the plan was made.

# nobody_uses DIRECTORY...: sysfs directories of mdevs or PCI functions. Sets $user to one who has a device open, or who names it
# on its command line as QEMU does before it opens it. Two processes, however many devices.
nobody_uses() {
    user=
    used_nodes=
    used_names=
    for used_device in "$@"; do
        used_name=${used_device##*/}
        used_names="$used_names|${used_name#0000:}"
        cd -P "$used_device/iommu_group" 2>/dev/null && used_nodes="$used_nodes -o -lname /dev/vfio/${PWD##*/}"
        for used_node in "$used_device"/vfio-dev/*; do
            [ -e "$used_node" ] && used_nodes="$used_nodes -o -lname /dev/vfio/devices/${used_node##*/}"
        done
    done
    cd /
    [ -n "$used_names" ] || return 0
    used_paths=$(
        find /proc/[0-9]*/fd '(' -lname /dev/vfio/none $used_nodes ')' 2>/dev/null
        grep -aiszlE "(sysfsdev|host)\"?[=:]\"?([^\", ]*/)?(0000:)?(${used_names#|})([\", ]|\$)" /proc/[0-9]*/cmdline 2>/dev/null
    )
    [ -n "$used_paths" ] || return 0
    name_process "${used_paths#/proc/}"
    return 1
}

# Sets $user to `qemu-system-x86 (pid 4410)`, by the beginning of a path below /proc.
name_process() {
    used_pid=${1%%/*}
    value "/proc/$used_pid/comm"
    user="${value:-a process} (pid $used_pid)"
}
