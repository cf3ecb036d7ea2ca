# What a GPU gets back at boot: a file for each GPU, named by its UUID. Later versions may add keys, which are kept and ignored here.

gpu_records=/etc/nvidia-vgpu/gpus

# record_gpu UUID ADDRESS COUNT KEY=VALUE...: has its virtual functions enabled at boot.
record_gpu() {
    value "$pci_devices/$2/sriov_numvfs"
    [ "$value" = "$3" ] || fail "$2 has ${value:-no} virtual functions instead of $3, so it is not recorded" || return
    write_gpu_record "$@"
}

write_gpu_record() {
    gpu_record=$gpu_records/$1
    gpu_place="address=$2
vfs=$3"
    shift 3
    gpu_error=$(write_whole "$gpu_record" format=1 "$@" "$gpu_place" 2>&1) ||
        fail "the file $gpu_record cannot be written: ${gpu_error:-is the disk full?}"
}

# record_instances UUID INSTANCES: PROFILE@START, separated by blanks, to be created again at boot. The rest of the record stays.
record_instances() {
    gpu_record=$gpu_records/$1 gpu_instances=$2
    set --
    [ -e "$gpu_record" ] || fail "$gpu_record is missing" || return
    while IFS= read -r line; do
        case $line in instances=* | complete=*) ;; *) set -- "$@" "$line" ;; esac
    done <"$gpu_record"
    gpu_error=$(write_whole "$gpu_record" "$@" ${gpu_instances:+"instances=$gpu_instances"} 2>&1) ||
        fail "the file $gpu_record cannot be written: ${gpu_error:-is the disk full?}"
}

forget_gpu() { rm -f "$gpu_records/$1"; }
