# Who uses a device: no one, a user, or it cannot be told. This is checked at the last moment: a guest may have started since the plan
# was made. A scan that fails, or that does not even find itself, never counts as "no one uses it".

proc=/proc
# Opened here so that the scan must find it.
own_file=/proc/sys/kernel/osrelease

# is_free: true if no one uses the devices of name_devices. Otherwise sets $user, or $unknown_because to why it cannot be told. Groups of
# $held are not searched for: the kernel let only us open them.
is_free() {
    user= unknown_because=
    [ -n "$names" ] || return 0
    sort_nodes
    read_scan "$(scan_processes 2>&1)"
    [ -n "$user$unknown_because" ] || scan_definitions
    [ -z "$user$unknown_because" ]
}

# name_devices DIRECTORY...: sets $names (BDFs without the domain 0000, and UUIDs) and $nodes (GROUP:NODE, as below /dev/vfio),
# both without duplicates that matter, and $with_node to the groups that have a node.
name_devices() {
    names= nodes= with_node=
    for device in "$@"; do
        name=${device##*/}
        names="$names ${name#0000:}"
        group=none
        cd -P "$device/iommu_group" 2>/dev/null && group=${PWD##*/}
        for node in "$device"/vfio-dev/*; do
            [ ! -e "$node" ] || nodes="$nodes $group:devices/${node##*/}"
        done
        case "$nodes " in *" $group:$group "*) continue ;; esac
        nodes="$nodes $group:$group $group:noiommu-$group"
        [ ! -c "$vfio_nodes/$group" ] || with_node="$with_node $group"
    done
    cd /
}

# Sets $asked_nodes to the nodes of groups that are not held.
sort_nodes() {
    asked_nodes=' '
    for node in $nodes; do
        case $held in *" ${node%%:*} "*) ;; *) asked_nodes="$asked_nodes${node#*:} " ;; esac
    done
}

# Prints, one a line: "/proc/PID/fd/N TARGET" of descriptors on VFIO nodes, "/proc/PID/cmdline" of those that name a device as
# QEMU, cloud-hypervisor and crosvm do before they open it, "/proc/PID/root" of libvirt's daemons, and what went wrong. find and
# grep start once for 1000 processes, so that their arguments fit under any limit.
scan_processes() {
    any_name=$(IFS=' '; set -- $names; IFS='|'; printf %s "$*")
    words="(sysfsdev|host|path|vfio)\"?[=:]\"?([^\", ]*/)?(0000:)?($any_name)/?([\", ]|\$)|^/sys/[^\", ]*/(0000:)?($any_name)(,|\$)|nvidia-vgpu-own-look"
    exec 5<"$own_file"
    portion=0 descriptors= lines=
    for process in "$proc"/[0-9]*; do
        name=
        { read -r name <"$process/comm"; } 2>/dev/null
        case $name in libvirtd | virtqemud) printf '%s\n' "$process/root" ;; esac
        descriptors="$descriptors $process/fd" lines="$lines $process/cmdline"
        portion=$((portion + 1))
        [ $portion != 1000 ] || { scan_portion; portion=0 descriptors= lines=; }
    done
    descriptors="$descriptors $proc/self/fd" lines="$lines $proc/self/cmdline"
    scan_portion
}

scan_portion() {
    grep -aizlE "$words" $lines
    [ "$asked_nodes" = ' ' ] || find $descriptors '(' -lname '*/vfio/*' -o -lname "$own_file" ')' -printf '%p %l\n'
}

# Reads the output of scan_processes. A process that ended meanwhile uses nothing; with any other error it cannot be told. Paths of a
# node may differ: in a chroot, or of a node that was removed since.
read_scan() {
    using= own_cmdline= own_descriptor= daemons=
    [ -e "$proc/1/cmdline" ] || unknown_because="processes of other users are hidden"
    IFS='
'
    set -f
    for line in $1; do
        case $line in
        "$proc/self/cmdline") own_cmdline=found ;;
        "$proc/self/fd/"*" $own_file") own_descriptor=found ;;
        "$proc"/*/root) daemons="$daemons $line" ;;
        "$proc"/*/cmdline) using=$line ;;
        "$proc"/*/fd/*" "*)
            node=${line#* } node=${node%' (deleted)'}
            case $asked_nodes in *" ${node##*/vfio/} "*) using=$line ;; esac
            ;;
        find:*"$proc"/*': No such file or directory' | find:*"$proc"/*': No such process') ;;
        grep:*"$proc"/*': No such file or directory' | grep:*"$proc"/*': No such process') ;;
        *) unknown_because=$line ;;
        esac
    done
    set +f
    unset IFS
    [ -n "$own_cmdline" ] || unknown_because=${unknown_because:-"a scan of all command lines did not find its own"}
    [ "$asked_nodes" = ' ' ] || [ -n "$own_descriptor" ] || unknown_because=${unknown_because:-"a scan of all open files did not find its own"}
    [ -z "$using" ] || name_process "${using#"$proc"/}"
}

# who_has_open PATTERN: prints "/proc/PID/fd/N TARGET" of descriptors on matching files, for any number of processes. It names holders
# and proves nothing: what cannot be read is skipped.
who_has_open() {
    printf '%s\n' "$proc"/[0-9]*/fd |
        xargs sh -c 'pattern=$1; shift; find "$@" -lname "$pattern" -printf "%p %l\n"' find "$1" 2>/dev/null
}

# Sets $user to `qemu-system-x86 (pid 4410)`, by the beginning of a path below /proc.
name_process() {
    used_pid=${1%%/*}
    value "$proc/$used_pid/comm"
    user="${value:-a process} (pid $used_pid)"
}
