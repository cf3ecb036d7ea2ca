# vGPUs of both frameworks: mediated devices, and type files of virtual functions.

pci_devices=/sys/bus/pci/devices
mdev_devices=/sys/bus/mdev/devices
vgpu_records=/etc/nvidia-vgpu/vgpus

# record_vgpu UUID FUNCTION TYPE OWNER [TYPE-NAME [SERVES-AS]]: written before the vGPU is made, so that one whose making was
# broken off is found again. A record without its vGPU means nothing.
record_vgpu() {
    [ -d "$vgpu_records" ] || mkdir -p "$vgpu_records" || return
    {
        printf 'owner=%s\nfunction=%s\ntype=%s\n' "$4" "$2" "$3"
        [ -z "${5-}" ] || printf 'name=%s\n' "$5"
        [ -z "${6-}" ] || printf 'serves=%s\n' "$6"
    } >"$vgpu_records/$1"
}

# Sets $type_name to what an earlier record kept of it.
recorded_name() {
    type_name=
    [ -e "$vgpu_records/$1" ] || return 0
    while read -r line; do
        case $line in name=*) type_name=${line#name=} ;; esac
    done <"$vgpu_records/$1"
}

forget_vgpu() { rm -f "$vgpu_records/$1"; }

# create_mdev FUNCTION TYPE UUID OWNER [PARAMETERS]
create_mdev() {
    mdev=$mdev_devices/$3
    find_type_directory "$1" "$2" || fail "$1 offers no type $2" || return
    [ ! -e "$mdev" ] || [ -e "$type/devices/$3" ] || fail "$3 is there already, elsewhere or of another type" || return
    record_vgpu "$3" "$1" "$2" "$4" || return
    if [ ! -e "$mdev" ] && ! write_for "$1" "$3" "$type/create"; then
        forget_vgpu "$3"
        value "$type/name"; name=$value
        value "$type/available_instances"
        fail "the driver refuses $name on $1, of which it says that it has $value left${reason:+: $reason}"
        return
    fi
    wait_until 5 test -e "$type/devices/$3" || fail "$3 did not come to be one of type $2 on $1" || return
    [ -z "${5-}" ] || set_parameters "$3" "$5"
}

# A directory may for a moment be called pci-ID (B50).
find_type_directory() {
    for type in "$pci_devices/$1/mdev_supported_types/nvidia-$2" "$pci_devices/$1/mdev_supported_types/pci-$2"; do
        [ ! -d "$type" ] || return 0
    done
    return 1
}

# The write waits for a guest that has the device (B58), so it must not be begun while there is one.
remove_mdev() {
    mdev=$mdev_devices/$1
    if [ -e "$mdev" ]; then
        nobody_uses "$mdev" || fail "$1 is used by $user" || return
        { echo 1 >"$mdev/remove"; } 2>/dev/null
        wait_until 10 gone "$mdev" || fail "$1 was told to go and is still there" || return
    fi
    forget_vgpu "$1"
}

gone() { [ ! -e "$1" ]; }

# set_type VF TYPE UUID OWNER [PARAMETERS]: the type by its id, or by its name where only the host knows the id.
set_type() {
    files=$pci_devices/$1/nvidia
    value "$files/current_vgpu_type" || fail "$1 has no file for a vGPU type" || return
    if [ "$value" = 0 ]; then
        wait_until 1 offers_type "$files" "$2" || fail "$1 does not offer the type $2 now" || return
        record_vgpu "$3" "$1" "$type_id" "$4" "$type_name" || return
        write_for "$1" "$type_id" "$files/current_vgpu_type"
        # Whatever the write said: the value is the truth (B71).
        value "$files/current_vgpu_type"
        if [ "$value" != "$type_id" ]; then
            forget_vgpu "$3"
            fail "the driver refuses $type_name on $1${reason:+: $reason}"
            return
        fi
    elif [ "$value" = "$2" ]; then
        recorded_name "$3"
        record_vgpu "$3" "$1" "$2" "$4" "$type_name" || return
    else
        fail "$1 carries type $value already" || return
    fi
    [ -z "${5-}" ] || set_parameters "$1" "$5"
}

# Sets $type_id and $type_name by a row of creatable_vgpu_types: `1145  : NVIDIA L40S-1B`, or as NVIDIA's guide has it
# `NVIDIA A40-1Q 557` (B76).
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

# clear_type VF TYPE [UUID]: of another type it is somebody else's by now (B77).
clear_type() {
    file=$pci_devices/$1/nvidia/current_vgpu_type
    if value "$file" && [ "$value" != 0 ]; then
        [ "$value" = "$2" ] || fail "$1 carries type $value and not $2 any more, so it is somebody else's" || return
        nobody_uses "$pci_devices/$1" || fail "$1 is used by $user" || return
        { echo 0 >"$file"; } 2>/dev/null
        value "$file"
        [ "$value" = 0 ] || { kernel_says "$1"; fail "$1 keeps type $value${reason:+: $reason}"; } || return
    fi
    [ -z "${3-}" ] || forget_vgpu "$3"
}

# adopt_vgpu UUID FUNCTION TYPE OWNER [SERVES-AS]
adopt_vgpu() {
    if [ -e "$mdev_devices/$1" ]; then
        find_type_directory "$2" "$3" && [ -e "$type/devices/$1" ]
    else
        value "$pci_devices/$2/nvidia/current_vgpu_type" && [ "$value" = "$3" ]
    fi || fail "$1 is not of type $3 on $2 any more" || return
    recorded_name "$1"
    record_vgpu "$1" "$2" "$3" "$4" "$type_name" "${5-}"
}

# set_parameters UUID|VF PARAMETERS: the last character of a write is consumed, and a space clears (B61).
set_parameters() {
    file=$mdev_devices/$1/nvidia/vgpu_params
    [ -e "$file" ] || file=$pci_devices/$1/nvidia/vgpu_params
    { printf '%s\n' "${2:- }" >"$file"; } 2>/dev/null || fail "the driver refuses the parameters $2 for $1" || return
    value "$file"
    without_blanks "$value"
    [ "$joined" = "$2" ] || fail "$1 was given the parameters \"$2\" and has \"$value\""
}

without_blanks() {
    joined=
    set -f
    for word in $1; do joined=$joined$word; done
    set +f
}

# write_for FUNCTION VALUE FILE: repeated only as long as the GPU is not settled (B74); every other refusal is final. Sets
# $reason.
write_for() {
    reason=
    read -r now _ </proc/uptime
    deadline=$((${now%.*} + 60))
    until { printf '%s\n' "$2" >"$3"; } 2>/dev/null; do
        kernel_says "$1"
        case $reason in *'not initialized yet'*) ;; *) return 1 ;; esac
        read -r now _ </proc/uptime
        [ "${now%.*}" -lt "$deadline" ] || return 1
        say "$1: the GPU is not initialised yet, trying again"
        sleep 1
    done
}

# Sets $reason to the last that the kernel said about a function, or that its driver said about anything, in three seconds. A
# line of our own tells what time it is on the kernel's clock.
kernel_says() {
    { echo "nvidia-vgpu: refused on $1" >/dev/kmsg; } 2>/dev/null
    reason=$(dmesg 2>/dev/null | tail -n 40 | awk -v device="$1" '
        { at[NR] = substr($0, 2) + 0; sub(/^\[[^]]*\] */, ""); line[NR] = $0 }
        END {
            for (n = NR - 1; n > 0 && at[n] > at[NR] - 3; n--)
                if (index(line[n], device) || line[n] ~ /NVRM:/) { print line[n]; exit }
        }')
}
