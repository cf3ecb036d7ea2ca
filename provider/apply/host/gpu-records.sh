# What a GPU gets back at boot: a file for each GPU, named by its UUID. Later versions may add keys, which are kept and ignored here.

gpu_records=/etc/nvidia-vgpu/gpus

# record_gpu UUID ADDRESS COUNT KEY=VALUE...: has its virtual functions enabled at boot.
record_gpu() {
    value "$pci_devices/$2/sriov_numvfs"
    [ "$value" = "$3" ] || fail "$2 has ${value:-no} virtual functions instead of $3, so it is not recorded" || return
    recorded_uuid=$1 recorded_at=$2 recorded_vfs=$3
    shift 3
    change_gpu_record "$recorded_uuid" "$@" "address=$recorded_at" "vfs=$recorded_vfs"
}

# change_gpu_record UUID KEY=VALUE...: sets these keys, removes those without a value, and keeps all others: they may be of other resources.
change_gpu_record() {
    gpu_record=$gpu_records/$1
    shift
    changed_keys= changes=$#
    for line; do changed_keys="$changed_keys ${line%%=*} "; done
    if [ -e "$gpu_record" ] && is_complete "$gpu_record"; then
        last_line=
        while IFS= read -r line; do
            last_line=$line
            case "$changed_keys format complete " in *" ${line%%=*} "*) ;; *) set -- "$@" "$line" ;; esac
        done <"$gpu_record"
        [ "$last_line" = complete=yes ] || fail "$gpu_record cannot be read to its end" || return
    else
        case $changed_keys in *' address '*) ;; *) fail "$gpu_record is missing or not complete" || return ;; esac
    fi
    # The changes go to the end.
    while [ $changes -gt 0 ]; do
        line=$1 changes=$((changes - 1))
        shift
        case $line in *=) ;; *) set -- "$@" "$line" ;; esac
    done
    write_whole "$gpu_record" format=1 "$@"
}

forget_gpu() { rm -f "$gpu_records/$1"; }
