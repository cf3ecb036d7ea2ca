# vGPUs of both frameworks: mediated devices, and type files of virtual functions.

pci_devices=/sys/bus/pci/devices
mdev_devices=/sys/bus/mdev/devices
vgpu_records=/etc/nvidia-vgpu/vgpus

# record_vgpu UUID FUNCTION TYPE NAME PARAMETERS KEY=VALUE...: writes the record before the vGPU is created, so that an interrupted
# creation is found again. Without a record no vGPU is created. It replaces an earlier record as a whole, or not at all. It contains the
# current boot: no vGPU survives it (B48), so in the vendor framework a record of another boot only remembers a place.
record_vgpu() {
    value /proc/sys/kernel/random/boot_id
    present_boot=$value
    write_record "$present_boot" "$@"
}

# write_record BOOT UUID FUNCTION TYPE NAME PARAMETERS KEY=VALUE...: the number of a VF finds it again on a GPU that was moved.
write_record() {
    record=$vgpu_records/$2
    name_vf_number "$3"
    record_place="boot=$1
function=$3${vf_number:+
vf=$vf_number}
type=$4
name=$5
parameters=$6"
    shift 6
    write_whole "$record" format=2 "$@" "$record_place"
}

# Sets $vf_number to the number of a VF on its GPU; empty for a GPU.
name_vf_number() {
    vf_number=
    for link in "$pci_devices/$1"/physfn/virtfn*; do
        # shellcheck disable=SC3013 # dash, bash and busybox know -ef.
        if [ "$link" -ef "$pci_devices/$1" ]; then vf_number=${link##*/virtfn} && return; fi
    done
}

# Sets $type_name to the name in an earlier record.
recorded_name() {
    type_name=
    [ -e "$vgpu_records/$1" ] || return 0
    while read -r line; do
        case $line in name=*) type_name=${line#name=} ;; esac
    done <"$vgpu_records/$1"
}

# The definition is removed first: only the record says that it is ours.
forget_vgpu() {
    ! has_own_definition "$1" || undefine_mdev "$1" || return
    rm -f "$vgpu_records/$1"
}

# set_mixed_sizes ADDRESS 0|1: the GPU must have no vGPU (B147). What nvidia-smi reports afterwards decides.
set_mixed_sizes() {
    case $2 in 1) wanted_mode=Enabled ;; *) wanted_mode=Disabled ;; esac
    read_mixed_sizes "$1"
    [ "$mixed_sizes" != "$wanted_mode" ] || return 0
    until_not_held nvidia-smi vgpu -i "$1" -shm "$2"
    printf '%s\n' "$output"
    read_mixed_sizes "$1"
    [ "$mixed_sizes" = "$wanted_mode" ] ||
        fail "mixed-size mode of $1 is still ${mixed_sizes:-unknown}: $(first_reason "$1")"
}

# Sets $mixed_sizes to Enabled, Disabled or N/A.
read_mixed_sizes() {
    mixed_sizes=$(timeout 30 nvidia-smi -i "$1" -q | sed -n 's/^ *vGPU Heterogeneous Mode *: *//p')
}

# create_mdev FUNCTION TYPE UUID PARAMETERS KEY=VALUE...
create_mdev() {
    mdev=$mdev_devices/$3
    find_type_directory "$1" "$2" || fail "$1 offers no type $2" || return
    [ ! -e "$mdev" ] || [ -e "$type/devices/$3" ] || fail "$3 exists already, on another function or with another type" || return
    new_function=$1 new_type=$2 new_uuid=$3 new_parameters=$4
    shift 4
    value "$type/name"
    record_vgpu "$new_uuid" "$new_function" "$new_type" "$value" "$new_parameters" "$@" || return
    if [ ! -e "$mdev" ] && ! write_for "$new_function" "$new_uuid" "$type/create"; then
        forget_vgpu "$new_uuid"
        value "$type/name"; name=$value
        value "$type/available_instances"
        fail "the driver refuses $name on $new_function, which reports $value available instances${reason:+: $reason}"
        return
    fi
    wait_until 5 test -e "$type/devices/$new_uuid" || fail "$new_uuid did not appear as type $new_type on $new_function" || return
    ! has_own_definition "$new_uuid" || define_mdev "$new_uuid" "$new_function" "$new_type"
    [ -z "$new_parameters" ] || set_parameters "$new_uuid" "$new_parameters"
}

# The directory may be named pci-ID for a moment (B50).
find_type_directory() {
    for type in "$pci_devices/$1/mdev_supported_types/nvidia-$2" "$pci_devices/$1/mdev_supported_types/pci-$2"; do
        [ ! -d "$type" ] || return 0
    done
    return 1
}

remove_mdev() { suspend_mdev "$1" && forget_vgpu "$1"; }

# suspend_mdev UUID: keeps the record, for a later restore.
# The write waits for a guest that has the device (B58), so it must not be started while there is one.
suspend_mdev() {
    mdev=$mdev_devices/$1
    if [ -e "$mdev" ]; then
        while_free "$1" "$mdev" take_mdev "$mdev" || return
        wait_until 10 gone "$mdev" || fail "$1 was removed and still exists" || return
    fi
}

take_mdev() {
    refused=
    { echo 1 >"$1/remove"; } 2>/dev/null || [ ! -e "$1" ] || refused=yes
}

gone() { [ ! -e "$1" ]; }

# set_type VF TYPE UUID PARAMETERS KEY=VALUE...: TYPE is an id, or a name if only the host knows the id.
set_type() {
    new_vf=$1 new_type=$2 new_uuid=$3 new_parameters=$4
    shift 4
    files=$pci_devices/$new_vf/nvidia
    value "$files/current_vgpu_type" || fail "$new_vf has no file for a vGPU type" || return
    if [ "$value" = 0 ]; then
        wait_until 1 offers_type "$files" "$new_type" || fail "$new_vf does not offer the type $new_type now" || return
        record_vgpu "$new_uuid" "$new_vf" "$type_id" "$type_name" "$new_parameters" "$@" || return
        write_for "$new_vf" "$type_id" "$files/current_vgpu_type"
        # The result of the write proves nothing; the value does (B71).
        value "$files/current_vgpu_type"
        if [ "$value" != "$type_id" ]; then
            forget_vgpu "$new_uuid"
            fail "the driver refuses $type_name on $new_vf${reason:+: $reason}"
            return
        fi
    elif [ "$value" = "$new_type" ]; then
        recorded_name "$new_uuid"
        record_vgpu "$new_uuid" "$new_vf" "$new_type" "$type_name" "$new_parameters" "$@" || return
    else
        fail "$new_vf has type $value already" || return
    fi
    [ -z "$new_parameters" ] || set_parameters "$new_vf" "$new_parameters"
}

# Sets $type_id and $type_name from a row of creatable_vgpu_types: `1145  : NVIDIA L40S-1B`, or in the format of NVIDIA's
# guide `NVIDIA A40-1Q 557` (B76).
offers_type() {
    while read -r row; do
        case $row in
        ID*) continue ;;
        *:*) type_id=${row%%:*} type_name=${row#*:} ;;
        *) type_id=${row##* } type_name=${row% *} ;;
        esac
        type_id=${type_id%% *}
        type_name=${type_name# }
        while [ "$type_name" != "${type_name% }" ]; do type_name=${type_name% }; done
        if [ "$type_id" = "$2" ] || [ "${type_name##* }" = "$2" ]; then return 0; fi
    done <"$1/creatable_vgpu_types"
    return 1
}

# clear_type VF TYPE [UUID]: a VF with another type has a new owner by now (B77).
clear_type() {
    file=$pci_devices/$1/nvidia/current_vgpu_type
    if value "$file" && [ "$value" != 0 ]; then
        [ "$value" = "$2" ] || fail "$1 has type $value instead of $2 now, so it is not ours any more" || return
        while_free "$1" "$pci_devices/$1" take_type "$file" || return
        [ "$value" = 0 ] || { read_kernel_message "$1"; fail "$1 keeps type $value${reason:+: $reason}"; } || return
    fi
    [ -z "${3-}" ] || forget_vgpu "$3"
}

take_type() {
    refused=
    { echo 0 >"$1"; } 2>/dev/null
    value "$1"
    [ "$value" = 0 ] || refused=yes
}

# adopt_vgpu UUID FUNCTION TYPE PARAMETERS KEY=VALUE...
adopt_vgpu() {
    if [ -e "$mdev_devices/$1" ]; then
        find_type_directory "$2" "$3" && [ -e "$type/devices/$1" ]
    else
        value "$pci_devices/$2/nvidia/current_vgpu_type" && [ "$value" = "$3" ]
    fi || fail "$1 does not have type $3 on $2 any more" || return
    recorded_name "$1"
    adopted_uuid=$1 adopted_on=$2 adopted_type=$3 adopted_parameters=$4
    shift 4
    record_vgpu "$adopted_uuid" "$adopted_on" "$adopted_type" "$type_name" "$adopted_parameters" "$@"
}

# Writes the record of a vGPU again, with other keys. Words as above.
rerecord_vgpu() { adopt_vgpu "$@"; }

# set_parameters UUID|VF PARAMETERS [UUID]: the last word is the UUID of the record, if there is one. The driver drops the last character
# of a write, and a space clears the parameters (B61).
set_parameters() {
    file=$mdev_devices/$1/nvidia/vgpu_params
    [ -e "$file" ] || file=$pci_devices/$1/nvidia/vgpu_params
    { printf '%s\n' "${2:- }" >"$file"; } 2>/dev/null || fail "the driver refuses the parameters $2 for $1" || return
    value "$file"
    without_blanks "$value"
    [ "$joined" = "$2" ] || fail "$1 was given the parameters \"$2\" and has \"$value\"" || return
    [ -z "${3-}" ] || record_parameters "$3" "$2"
}

# record_parameters UUID PARAMETERS: changes nothing else in the record. Records of version 0.1 have no parameters.
record_parameters() {
    record=$vgpu_records/$1 recorded_parameters=$2
    [ -e "$record" ] && is_complete "$record" || return 0
    last_line=
    set --
    while IFS= read -r line; do
        last_line=$line
        case $line in
        complete=*) continue ;;
        parameters=*) line=parameters=$recorded_parameters ;;
        esac
        set -- "$@" "$line"
    done <"$record"
    [ "$last_line" = complete=yes ] || fail "$record cannot be read to its end" || return
    write_whole "$record" "$@"
}

without_blanks() {
    joined=
    set -f
    for word in $1; do joined=$joined$word; done
    set +f
}

# write_for FUNCTION VALUE FILE: retries only while the GPU is not initialised (B74); every other refusal is final. Sets $reason.
write_for() {
    reason=
    read -r now _ </proc/uptime
    deadline=$((${now%.*} + 60))
    until { printf '%s\n' "$2" >"$3"; } 2>/dev/null; do
        read_kernel_message "$1"
        case $reason in *'not initialized yet'*) ;; *) return 1 ;; esac
        read -r now _ </proc/uptime
        [ "${now%.*}" -lt "$deadline" ] || return 1
        say "$1: the GPU is not initialised yet, trying again"
        sleep 1
    done
}

# Sets $reason to the last message of the kernel about a function, or of NVIDIA's driver, in the last three seconds. A line of our own
# gives the time of the kernel's clock.
read_kernel_message() {
    { echo "nvidia-vgpu: refused on $1" >/dev/kmsg; } 2>/dev/null
    reason=$(dmesg 2>/dev/null | tail -n 40 | awk -v device="$1" '
        { at[NR] = substr($0, 2) + 0; sub(/^\[[^]]*\] */, ""); line[NR] = $0 }
        END {
            for (n = NR - 1; n > 0 && at[n] > at[NR] - 3; n--)
                if (index(line[n], device) || line[n] ~ /NVRM:/) { print line[n]; exit }
        }')
}
