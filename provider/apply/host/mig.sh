# MIG mode and GPU instances, by nvidia-smi. What it lists afterwards decides: it has printed success and done nothing (B84), and its exit
# codes differ between branches (B85).

# set_mig_mode ADDRESS 0|1: the virtual functions have to be off (B82). A GPU that has clients may take the mode only at its next reset; the
# next plan then has a reboot.
set_mig_mode() {
    case $2 in 1) wanted_mode=Enabled ;; *) wanted_mode=Disabled ;; esac
    read_mig_mode "$1" || return
    [ "$mig_mode" != "$wanted_mode, $wanted_mode" ] || return 0
    # Instances would keep the mode on. Without any, both print Not Found (B111).
    [ "$2" = 1 ] || for option in -dci -dgi; do until_not_held nvidia-smi mig -i "$1" $option; done
    until_not_held nvidia-smi -i "$1" -mig "$2"
    printf '%s\n' "$output"
    read_mig_mode "$1" || return
    case $mig_mode in
    "$wanted_mode, $wanted_mode") ;;
    *", $wanted_mode") say "$1 takes its new MIG mode at its next reset" ;;
    *) fail "MIG mode of $1 is still ${mig_mode%,*}: $(first_reason "$1")" ;;
    esac
}

# Sets $mig_mode to the present mode and the one after the next reset: `Disabled, Enabled`. nvidia-smi may print warnings around it.
read_mig_mode() {
    mig_mode=
    printed=$(timeout 30 nvidia-smi -i "$1" --query-gpu=mig.mode.current,mig.mode.pending --format=csv,noheader 2>&1)
    split_lines
    for line in $printed; do
        case $line in Enabled,* | Disabled,*) mig_mode=$line ;; esac
    done
    split_words
    [ -n "$mig_mode" ] || fail "MIG mode of $1 cannot be read: ${printed:-nvidia-smi printed nothing}"
}

# create_gpu_instance ADDRESS PROFILE START: at this memory slice, with its compute instance. An nvidia-smi that takes no slice chooses one.
create_gpu_instance() {
    read_gpu_instances "$1" "$2" "$3" || return
    [ -z "$instance" ] || return 0
    at=$3
    until_not_held nvidia-smi mig -i "$1" -cgi "$2:$at" -C
    case $output in
    *'Invalid Argument'* | *'nvalid combination'*)
        at='*'
        read_gpu_instances "$1" "$2" "$at" || return
        before=$count
        until_not_held nvidia-smi mig -i "$1" -cgi "$2" -C
        ;;
    esac
    printf '%s\n' "$output"
    read_gpu_instances "$1" "$2" "$at" || return
    if [ "$at" = '*' ]; then
        [ $count -gt $before ] || fail "no GPU instance of profile $2 was created on $1: $(first_reason "$1")"
    else
        [ -n "$instance" ] || fail "no GPU instance of profile $2 was created at slice $at of $1: $(first_reason "$1")"
    fi
}

# destroy_gpu_instance ADDRESS PROFILE START: the driver refuses while a vGPU or a process is on it (B128).
destroy_gpu_instance() {
    read_gpu_instances "$1" "$2" "$3" || return
    [ -n "$instance" ] || return 0
    # One without compute instances has none to destroy (B111, B112).
    until_not_held nvidia-smi mig -i "$1" -gi "$instance" -dci
    printf '%s\n' "$output"
    until_not_held nvidia-smi mig -i "$1" -gi "$instance" -dgi
    printf '%s\n' "$output"
    read_gpu_instances "$1" "$2" "$3" || return
    [ -z "$instance" ] || fail "the GPU instance $instance of $1 is still there: $(first_reason "$1")"
}

# Sets $instance to the id of the last instance of a profile at a slice, or at any: `*`, and $count to their number. Ids are given anew
# with each instance (B86). Rows are such as `|   0  MIG 1g.24gb           14        5          6:3     |`. Only a list, or the sentence
# that there is none, is an answer (B111).
read_gpu_instances() {
    instance= count=0
    instances=$(timeout 30 nvidia-smi mig -i "$1" -lgi 2>&1)
    case $instances in
    *'  MIG '* | *'No GPU instances found: Not Found'* | *'No MIG-enabled devices found'*) ;;
    *) fail "the GPU instances of $1 cannot be listed: ${instances:-nvidia-smi printed nothing}" || return ;;
    esac
    wanted_row="|MIG $2 "$3:
    split_lines
    for row in $instances; do
        unset IFS
        # | GPU MIG NAME PROFILE INSTANCE START:SIZE |
        set -- $row
        case "${1-}${3-} ${5-} ${7-}" in $wanted_row*) instance=$6 count=$((count + 1)) ;; esac
    done
    split_words
}

# Runs a command of nvidia-smi until no other client is in its way; monitoring tools are, for moments. Sets $output.
until_not_held() {
    tries=0
    while output=$(timeout 60 "$@" 2>&1); case $output in *'In use by another client'*) [ $tries -lt 10 ] ;; *) false ;; esac; do
        [ $tries != 0 ] || say "the GPU is in use by another client; trying again"
        tries=$((tries + 1))
        sleep 1
    done
}

# Prints the sentence of $output that has the reason, and not `All done.`, which also ends what failed; and who has the GPU open, if a client
# is the reason.
first_reason() {
    found_reason=$(printf '%s\n' "$output" | grep -m1 -E 'Unable|Failed|Warning|refused|Invalid|not ' || echo "nvidia-smi reported success")
    user=
    case $found_reason in *'In use by another client'*) name_gpu_holder "$1" ;; esac
    echo "$found_reason${user:+; $user has it open}"
}
