# Virtual functions: only by NVIDIA's sriov-manage, and verified in sysfs (B31, B35).

nvidia_driver=/sys/bus/pci/drivers/nvidia
sriov_manage=/usr/lib/nvidia/sriov-manage

# bind_pf ADDRESS: an interrupted sriov-manage leaves the GPU without driver, or on pci-pf-stub (B36).
bind_pf() {
    gpu=$pci_devices/$1
    [ ! -e "$nvidia_driver/$1" ] || return 0
    [ -d "$nvidia_driver" ] || fail "the driver nvidia is not loaded" || return
    stub=/sys/bus/pci/drivers/pci-pf-stub
    if [ -e "$stub/$1" ]; then echo "$1" >"$stub/unbind"; fi
    [ ! -e "$gpu/driver" ] || fail "$1 is bound to another driver" || return
    if value "$gpu/driver_override" && [ "$value" = pci-pf-stub ]; then echo >"$gpu/driver_override"; fi
    { echo "$1" >"$nvidia_driver/bind"; } 2>/dev/null
    wait_until 10 test -e "$nvidia_driver/$1" && return
    read_kernel_message "$1"
    fail "$1 cannot be bound to its driver again${reason:+: $reason}"
}

# enable_vfs ADDRESS COUNT: all of them, with their driver and their types.
enable_vfs() {
    wait_for_daemons || return
    value "$pci_devices/$1/sriov_numvfs"
    if [ "$value" != "$2" ]; then
        say "enabling the $2 virtual functions of $1"
        manage_sriov -e "$1" || return
    fi
    if ! wait_until 10 has_vfs "$1" "$2"; then
        read_kernel_message "$1"
        fail "sriov-manage ended with 0, and $1 has $count of $2 virtual functions${reason:+: $reason}"
        return
    fi
    bind_vfs "$1"
}

# disable_vfs ADDRESS: the kernel does not wait for users (B47), so there must be none.
disable_vfs() {
    value "$pci_devices/$1/sriov_numvfs"
    if [ "${value:-0}" != 0 ]; then
        say "disabling the virtual functions of $1"
        manage_sriov -d "$1" || return
        wait_until 10 has_vfs "$1" 0 || fail "sriov-manage ended with 0, and $1 still has $count virtual functions" || return
    fi
    bind_pf "$1"
}

cycle_vfs() { disable_vfs "$1" && enable_vfs "$1" "$2"; }

# bind_vfs ADDRESS: binds VFs without a driver, and makes sure that all of them offer types.
bind_vfs() {
    for link in "$pci_devices/$1"/virtfn*; do
        [ ! -e "$link" ] || [ -e "$link/driver" ] || { name_vf "$link"; echo "$vf" >"$nvidia_driver/bind"; } 2>/dev/null
    done
    if ! wait_until 10 vfs_are_driven "$1"; then
        read_kernel_message "$vf"
        fail "the virtual function $vf gets no driver${reason:+: $reason}"
        return
    fi
    wait_until 10 vfs_have_types "$1" || { run_vgpud "$1"; wait_for_types "$1"; }
}

# publish_types ADDRESS COUNT: if no VF gets types, none can have a vGPU, and all are cycled: VFs that are older than the loaded module or
# the running nvidia-vgpu-mgr get no types.
publish_types() {
    run_vgpud "$1"
    wait_until 10 vfs_have_types "$1" && return
    if any_vf_has_types "$1"; then wait_for_types "$1"; else cycle_vfs "$1" "$2"; fi
}

# nvidia-vgpud publishes the types of the VFs that exist when it runs (B21). Its exit code proves nothing: it also fails because of
# another GPU.
run_vgpud() {
    say "virtual functions of $1 have no vGPU types: running nvidia-vgpud again"
    if command -v systemctl >/dev/null; then systemctl restart nvidia-vgpud; else nvidia-vgpud; fi 2>&1
}

# B40
wait_for_types() {
    wait_until 30 vfs_have_types "$1" ||
        fail "$vf has no vGPU types, also after nvidia-vgpud ran again: those enabled too early get them with a reboot only"
}

# Only its message about the lock is transient (B34). sriov-manage exits with 0 also when it did nothing (B35).
manage_sriov() {
    tries=0
    while try_sriov "$1" "$2" || return 1; is_held "$output" && [ $tries -lt 10 ]; do
        [ $tries != 0 ] || say "$2 is held open; trying again"
        tries=$((tries + 1))
        sleep 1
    done
    printf '%s\n' "$output"
    if is_held "$output"; then
        name_gpu_holder "$2"
        fail "Cannot obtain unbindLock for $2${user:+: $user has it open}"
    elif [ ! -e "$nvidia_driver/$2" ]; then
        bind_pf "$2"
        fail "sriov-manage ended with $code and left $2 without its driver, to which it is bound again"
    elif [ $code != 0 ]; then
        read_kernel_message "$2"
        fail "sriov-manage $1 $2 ended with $code${reason:+: $reason}"
    fi
}

# try_sriov -e|-d ADDRESS: calls it once. Before each -d the use of the devices is checked again: a guest may have started meanwhile.
try_sriov() {
    case $1 in
    -e) call_sriov_manage "$@" ;;
    -d)
        devices_above "$2"
        while_free "a virtual function or vGPU of $2" "$above" call_sriov_manage "$@"
        ;;
    esac
}

# Sets $output and $code.
call_sriov_manage() {
    refused=
    output=$("$sriov_manage" "$1" "$2" 2>&1)
    code=$?
    case $output in *'Device or resource busy'*) refused=yes ;; esac
}

is_held() { case $1 in *"Cannot obtain unbindLock"*) return 0 ;; esac; return 1; }

# Sets $user to the process that has the GPU's node open, except nvidia-vgpu-mgr.
name_gpu_holder() {
    user=
    minor=$(sed -n 's/^Device Minor:[[:space:]]*//p' "/proc/driver/nvidia/gpus/$1/information" 2>/dev/null)
    for path in $(who_has_open "/dev/nvidia${minor:-none}" | sed 's/ .*//'); do
        name_process "${path#"$proc"/}"
        case $user in nvidia-vgpu-mgr*) user= ;; *) return ;; esac
    done
}

# VFs that are enabled before these services have no types (B100).
wait_for_daemons() {
    daemons_are_up && return
    say "waiting for nvidia-vgpu-mgr, which is $manager_state, and nvidia-vgpud"
    wait_until 60 daemons_are_up || fail "nvidia-vgpu-mgr is $manager_state, and without it virtual functions get no vGPU types"
}

daemons_are_up() {
    command -v systemctl >/dev/null || return 0
    set -- $(systemctl is-active nvidia-vgpu-mgr nvidia-vgpud 2>/dev/null)
    manager_state=${1:-missing}
    [ "$1" = active ] && [ "${2-}" != activating ]
}

# Sets $count.
has_vfs() {
    count=0
    for link in "$pci_devices/$1"/virtfn*; do
        [ ! -e "$link" ] || count=$((count + 1))
    done
    [ "$count" = "$2" ]
}

# Sets $vf to the first one without driver.
vfs_are_driven() {
    for link in "$pci_devices/$1"/virtfn*; do
        [ -e "$link/driver" ] || { name_vf "$link"; return 1; }
    done
}

# Sets $vf to the first one without types. One that is passed through to a guest is skipped.
vfs_have_types() {
    for link in "$pci_devices/$1"/virtfn*; do
        ! has_types "$link" || continue
        name_vf "$link"
        [ ! -e "$nvidia_driver/$vf" ] || return 1
    done
}

any_vf_has_types() {
    for link in "$pci_devices/$1"/virtfn*; do
        ! has_types "$link" || return 0
    done
    return 1
}

# In either framework.
has_types() { [ -d "$1/mdev_supported_types" ] || [ -e "$1/nvidia/current_vgpu_type" ]; }

# Sets $above to the VFs of a GPU and the mdevs on them.
devices_above() {
    above=
    for link in "$pci_devices/$1"/virtfn*; do
        [ -e "$link" ] || continue
        name_vf "$link"
        above="$above $pci_devices/$vf"
        for mdev in "$link"/????????-????-????-????-????????????; do
            [ ! -e "$mdev" ] || above="$above $mdev_devices/${mdev##*/}"
        done
    done
}

# Sets $driver to the driver of a PCI function; false if it has none.
name_driver() {
    driver=
    [ ! -e "$pci_devices/$1/driver" ] || { cd -P "$pci_devices/$1/driver" && driver=${PWD##*/}; }
    cd /
    [ -n "$driver" ]
}

# Sets $vf to the address that a link virtfnN points at.
name_vf() {
    cd -P "$1" && vf=${PWD##*/}
    cd /
}
