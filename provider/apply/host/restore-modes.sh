# Restores MIG mode, GPU instances and mixed-size mode of the GPUs of the records after a boot.

# Newer chips forget the mode at a reboot. It changes only without virtual functions (B82).
restore_mig_mode() {
    read_record && find_gpu "${record##*/}" "$record_address" || return
    [ -e "$nvidia_driver/$gpu_address" ] || bind_pf "$gpu_address" || return
    read_mig_mode "$gpu_address" || return
    [ "${mig_mode%,*}" = Enabled ] || turn_mig_mode_on || return
    enables_vfs || follow_gpu
}

turn_mig_mode_on() {
    value "$pci_devices/$gpu_address/sriov_numvfs"
    [ "${value:-0}" = 0 ] || fail "MIG mode of $gpu_address is off, and cannot change while its virtual functions are on" || return
    say "turning MIG mode of $gpu_address on"
    set_mig_mode "$gpu_address" 1 && read_mig_mode "$gpu_address" || return
    [ "${mig_mode%,*}" = Enabled ] || fail "$gpu_address takes its MIG mode only at its next reset"
}

# Without virtual functions of its own, they are those of another program, which would take the instances along.
restore_instances() {
    read_record && find_gpu "${record##*/}" "$record_address" || return
    enables_vfs || wait_for test -e "$pci_devices/$gpu_address/virtfn0" ||
        fail "$gpu_address has no virtual functions, which its record leaves to another program" || return
    instance_failure=
    for one in $record_instances; do
        create_gpu_instance "$gpu_address" "${one%@*}" "${one#*@}" || instance_failure=yes
    done
    [ -z "$instance_failure" ]
}

# The mode goes with the virtual functions, also when they are enabled (B148), and changes only while the GPU has no vGPU (B147).
restore_mixed_sizes() {
    read_record && find_gpu "${record##*/}" "$record_address" || return
    read_mixed_sizes "$gpu_address"
    if [ "$mixed_sizes" != Enabled ]; then
        find_vgpu_on "$gpu_address" &&
            { fail "mixed-size mode of $gpu_address is ${mixed_sizes:-unknown}, and cannot change while it has a vGPU: $vgpu"; return; }
        say "turning mixed-size mode of $gpu_address on"
        set_mixed_sizes "$gpu_address" 1 || return
    fi
    enables_vfs || follow_gpu
}

# Sets $vgpu to an mdev, or to a VF that has a type; false if there is none.
find_vgpu_on() {
    for vgpu in "$pci_devices/$1"/????????-????-????-????-???????????? "$pci_devices/$1"/virtfn*/????????-????-????-????-????????????; do
        [ ! -e "$vgpu" ] || { vgpu=${vgpu##*/}; return 0; }
    done
    for link in "$pci_devices/$1"/virtfn*; do
        value "$link/nvidia/current_vgpu_type"
        [ "${value:-0}" = 0 ] || { name_vf "$link"; vgpu="type $value on $vf"; return 0; }
    done
    return 1
}
