# Removes devices only while no one uses them. The kernel lets only one process open a VFIO group at a time, in all namespaces together
# (drivers/vfio/group.c: EBUSY, also while IOMMUFD has a device of the group). While a device is removed, its group is open here.

vfio_nodes=/dev/vfio

# while_free NAME DEVICES COMMAND WORDS...: runs a command that removes devices, if they are free. DEVICES are sysfs directories of mdevs
# or PCI functions, NAME is used in errors. False, without running the command, if a device is used or that cannot be told. The command
# sets $refused if the driver does not release a device. The reason may be that its group is open: then the command is run once more
# without the groups, after another check.
while_free() {
    free_name=$1 refused=
    name_devices $2
    shift 2
    free_groups=$with_node
    until held=' ' && { hold "$free_groups" when_free "$@" 6>&2 2>/dev/null; free_code=$?; [ -z "$closed" ]; }; do
        # A group with another error of the kernel, for example one that is gone, is not held, but searched for in /proc.
        closed_because=$({ { :; } 5<"$vfio_nodes/$closed"; } 2>&1)
        held=' '
        case $closed_because in
        *'Device or resource busy'* | '')
            ! is_free || user="a process that this host does not show; it has $vfio_nodes/$closed open"
            report_use
            return
            ;;
        esac
        without=" $free_groups "
        free_groups="${without%%" $closed "*} ${without#*" $closed "}"
    done
    [ -n "$refused" ] && [ "$held" != ' ' ] || return $free_code
    held=' '
    when_free "$@"
}

# hold GROUPS COMMAND WORDS...: runs a command while the groups are open. Sets $closed to a group that cannot be opened, and then does
# not run the command. Each group is opened by a redirection inside that of the one before. So the shell itself keeps all of them,
# without a process for each, and the command inherits none. 6 is where errors go.
hold() {
    closed=
    case $1 in
    *[0-9]*) ;;
    *) shift; "$@" 2>&6 5<&- 6>&-; return ;;
    esac
    set -- "${1#"${1%%[! ]*}"}" "$@"
    closed=${1%% *}
    {
        held="$held$closed "
        hold_rest=${1#"$closed"}
        shift 2
        hold "$hold_rest" "$@"
    } 5<"$vfio_nodes/$closed"
}

when_free() {
    is_free || report_use || return
    "$@"
}

# Fails with what is_free has found.
report_use() {
    if [ -n "$user" ]; then fail "$free_name is used by $user"; else fail "It cannot be told who uses $free_name: $unknown_because"; fi
}
