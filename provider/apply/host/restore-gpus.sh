# Finds the GPUs of the records after a boot, and restores their virtual functions.

gpu_information=/proc/driver/nvidia/gpus

# Sets $gpus to "UUID=ADDRESS ...". Until a GPU is used for the first time, the driver may show its UUID as question marks.
find_gpus() {
    gpus=
    for information in "$gpu_information"/*/information; do
        information=${information%/*}
        read_gpu_uuid "$information/information"
        case $gpu_uuid in
        *\?* | '') gpus= && break ;;
        *) gpus="$gpus $gpu_uuid=${information##*/}" ;;
        esac
    done
    [ -n "$gpus" ] || gpus=$(timeout 60 nvidia-smi --query-gpu=uuid,pci.bus_id --format=csv,noheader | tr A-F a-f |
        sed -n 's/^\(GPU-[^,]*\), *0000\(....:.*\)$/\1=\2/p')
}

read_gpu_uuid() {
    gpu_uuid=
    while IFS=' 	' read -r word other uuid; do
        case "$word $other" in 'GPU UUID:') gpu_uuid=$uuid && return ;; esac
    done 2>/dev/null <"$1"
}

# find_gpu UUID ADDRESS: sets $gpu_address to its address now. ADDRESS is where it was. A GPU is known by its UUID only.
find_gpu() {
    gpu_address=
    [ -n "$gpus" ] || fail "neither the driver nor nvidia-smi reports a GPU, so $1 cannot be found" || return
    for one in $gpus; do
        case $one in "$1="*) gpu_address=${one#*=} && return ;; esac
    done
    for one in $gpus; do
        [ "${one#*=}" != "$2" ] || fail "$2 has another GPU now, ${one%%=*}, which is skipped" || return
    done
    if [ -n "$2" ] && name_driver "$2" && [ "$driver" != nvidia ]; then
        fail "the GPU $1 is not used by the driver nvidia: $2, where it was, is bound to $driver"
    else
        fail "the GPU $1 is missing${2:+; it was at $2}"
    fi
}

# for_each_gpu KEY NAME COMMAND: for the records with the key. A GPU of which one phase failed has no further one. A file with another
# kind of name is the copy of an editor.
for_each_gpu() {
    for record in "$gpu_records"/GPU-*; do
        case ${record##*/} in *[!A-Za-z0-9-]*) continue ;; esac
        [ -e "$record" ] || continue
        read_record 2>/dev/null || : "the phase of the virtual functions reports it"
        case $1 in
        mig) [ "$record_mig" = on ] || continue ;;
        vfs)
            enables_vfs || [ "$record_complete" != yes ] || continue
            gpus_with_vfs="$gpus_with_vfs ${record##*/} "
            ;;
        instances) [ -n "$record_instances" ] || continue ;;
        mixed) [ "$record_mixed-$record_mig" = on- ] || continue ;;
        esac
        case "$failed_gpus " in *" ${record##*/} "*) continue ;; esac
        try_item "${record##*/}" "$2 of ${record##*/}${record_address:+ at $record_address}" "$3" ||
            failed_gpus="$failed_gpus ${record##*/}"
    done
}

restore_vfs() {
    read_record && find_gpu "${record##*/}" "$record_address" || return
    [ -e "$nvidia_driver/$gpu_address" ] || bind_pf "$gpu_address" || return
    value "$pci_devices/$gpu_address/sriov_numvfs"
    case ${value:-0} in
    "$record_vfs") vfs_are_driven "$gpu_address" && vfs_have_types "$gpu_address" || bind_vfs "$gpu_address" || return ;;
    0) enable_vfs "$gpu_address" "$record_vfs" || return ;;
    *) fail "$gpu_address has $value virtual functions instead of $record_vfs, and only pulumi up may enable them again" || return ;;
    esac
    follow_gpu
}

# Returns whether the record of a GPU has virtual functions.
enables_vfs() { [ "${record_vfs:-0}" != 0 ]; }

follow_gpu() {
    [ "$gpu_address" != "$record_address" ] || return 0
    say "${record##*/} was moved from $record_address to $gpu_address"
    change_gpu_record "${record##*/}" "address=$gpu_address"
}
