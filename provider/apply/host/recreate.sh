# Creates a vGPU that existed before: after a driver that could not be installed, and after a boot. Each function may find it there.

# restore_mdev UUID FUNCTION TYPE [PARAMETERS]: creates it again; its record still exists.
restore_mdev() {
    mdev=$mdev_devices/$1
    find_type_directory "$2" "$3" || fail "$2 offers no type $3" || return
    [ -e "$mdev" ] || write_for "$2" "$1" "$type/create" || fail "the driver refuses type $3 on $2${reason:+: $reason}" || return
    wait_until 5 test -e "$type/devices/$1" || fail "$1 is not one of type $3 on $2" || return
    [ -z "${4-}" ] || set_parameters "$1" "$4"
}

# restore_type VF TYPE [PARAMETERS]
restore_type() {
    file=$pci_devices/$1/nvidia/current_vgpu_type
    value "$file" || fail "$1 has no file for a vGPU type" || return
    [ "$value" = "$2" ] || write_for "$1" "$2" "$file"
    value "$file"
    [ "$value" = "$2" ] || fail "the driver refuses type $2 on $1${reason:+: $reason}" || return
    [ -z "${3-}" ] || set_parameters "$1" "$3"
}
