# Restores vGPUs after a boot, in either framework.

# for_each_vgpu NAME COMMAND
for_each_vgpu() {
    for record in "$vgpu_records"/????????-????-????-????-????????????; do
        case ${record##*/} in *[!A-Fa-f0-9-]*) continue ;; esac
        [ -e "$record" ] && is_for_restore && try_item "${record##*/}" "$1 ${record##*/}" "$2"
    done
}

is_for_restore() {
    read_record 2>/dev/null
    [ "$record_restore" = yes ] || [ "$record_complete" != yes ]
}

restore_vgpu() {
    read_record || return
    [ -n "$record_gpu" ] || fail "its record does not name the UUID of its GPU" || return
    find_gpu "$record_gpu" "" && find_function || return
    uuid=${record##*/}
    if [ -e "$mdev_devices/$uuid" ]; then
        find_type_directory "$function" "$record_type" && [ -e "$type/devices/$uuid" ] ||
            fail "it exists already, with another type or on another function"
        return
    fi
    wait_for_other offers_vgpus "$function" || fail "$function offers no vGPU types" || return
    has_recorded_name || return
    if [ -e "$pci_devices/$function/nvidia/current_vgpu_type" ]; then
        restore_typed_vgpu
    else
        say "creating ${record_name:-type $record_type} $uuid on $function"
        restore_mdev "$uuid" "$function" "$record_type" "$record_parameters" || return
        ! has_own_definition "$uuid" || define_mdev "$uuid" "$function" "$record_type"
        write_again
    fi
}

# Another version of the driver may have another type with that id. Only the last word is compared: drivers call T4-4Q GRID or NVIDIA.
has_recorded_name() {
    value=
    if find_type_directory "$function" "$record_type"; then
        value "$type/name"
    elif [ -e "$pci_devices/$function/nvidia/creatable_vgpu_types" ] && offers_type "$pci_devices/$function/nvidia" "$record_type"; then
        value=$type_name
    fi
    case ${value##* } in
    '' | "${record_name##* }") ;;
    *) [ -z "$record_name" ] || fail "type $record_type is $value for this driver, and was $record_name when it was recorded" ;;
    esac
}

# Sets $function to the place of the vGPU: a VF, which has the same number on a GPU that was moved, or the GPU itself.
find_function() {
    function=
    case $record_vf in
    '') function=$gpu_address ;;
    *)
        wait_for_other test -e "$pci_devices/$gpu_address/virtfn$record_vf" || fail "$gpu_address has no virtual function $record_vf" || return
        name_vf "$pci_devices/$gpu_address/virtfn$record_vf" && function=$vf
        ;;
    esac
    [ -n "$function" ] || fail "$gpu_address has no virtual function $record_vf"
}

# Virtual functions that the restorer does not enable itself may come later.
wait_for_other() {
    case $gpus_with_vfs in *" $record_gpu "*) "$@" ;; *) wait_for "$@" ;; esac
}

offers_vgpus() { [ -d "$pci_devices/$1/mdev_supported_types" ] || [ -e "$pci_devices/$1/nvidia/current_vgpu_type" ]; }

# Without a UUID, only the boot in the record shows that the type on a VF is ours (B77, B80). So it is written first, and taken back
# where the driver refuses the type. A disk that is full does not keep the guest from its vGPU, and is reported; until the record can be
# written, /run keeps its owner.
restore_typed_vgpu() {
    value /proc/sys/kernel/random/boot_id
    this_boot=$value
    unrecorded=$restore_folder/unrecorded-$uuid
    value "$pci_devices/$function/nvidia/current_vgpu_type"
    found=$value
    case $found-$record_boot in
    0-*) set_recorded_type ;;
    "$record_type-$this_boot") ;;
    *)
        value "$unrecorded"
        [ "$value" = "$function $found" ] || fail "$function has type $found already, which was set since this boot by another program" || return
        write_again && rm -f "$unrecorded"
        ;;
    esac
}

set_recorded_type() {
    say "setting ${record_name:-type $record_type} on $function"
    write_again
    recorded=$?
    if restore_type "$function" "$record_type" "$record_parameters"; then
        [ $recorded = 0 ] || { echo "$function $record_type" >"$unrecorded"; } 2>/dev/null
        return $recorded
    fi
    # It has the type where only its parameters were refused.
    value "$pci_devices/$function/nvidia/current_vgpu_type"
    [ $recorded != 0 ] || [ "$value" = "$record_type" ] ||
        with_more write_record "$record_boot" "$uuid" "$function" "$record_type" "$record_name" "$record_parameters"
    return 1
}

write_again() { with_more record_vgpu "$uuid" "$function" "$record_type" "$record_name" "$record_parameters"; }
