# Restores virtual functions and vGPUs after a boot, from the records in /etc/nvidia-vgpu, in the order that loses nothing (B100). It runs
# as nvidia-vgpu-restore.service. It changes nothing that is in use and nothing that exists, so it may be run at any time. An item that
# fails does not keep the others from being restored.

restorer_name=nvidia-vgpu-restore.service
restore_folder=/run/nvidia-vgpu
# "ITEM SENTENCE" of each item that could not be restored: the UUID of a GPU or vGPU, or `host`.
restore_report=$restore_folder/restore
# All waiting together, after which each item has one attempt.
restore_seconds=180

restore_all() {
    read -r restore_end _ </proc/uptime
    restore_end=$((${restore_end%.*} + restore_seconds))
    restored=0 not_restored=0 failed_gpus= gpus_with_vfs= manager_state=missing
    enter_restore_run || return
    true >"$restore_report" || cannot_write "$restore_report"
    if try_item host "the driver" wait_for_driver; then
        find_gpus
        # One phase a line, in the order of B100.
        for_each_gpu mig "MIG mode" restore_mig_mode
        for_each_gpu vfs "virtual functions" restore_vfs
        for_each_gpu instances "GPU instances" restore_instances
        for_each_gpu mixed "mixed-size mode" restore_mixed_sizes
        for_each_vgpu "vGPU" restore_vgpu
    fi
    say "$restored in place, $not_restored not restored"
    [ "$not_restored" = 0 ]
}

# Takes the lock of the host, as a run of steps does (follow.sh): one waits for the other. What others read of this run they may miss.
enter_restore_run() {
    { mkdir -p -m 755 "$restore_folder" && true >>"$restore_folder/lock"; } || cannot_write "$restore_folder/lock" || return
    exec 8>>"$restore_folder/lock"
    flock -w 900 8 || fail "a run of pulumi-nvidia-vgpu is at work" || return
    restore_run=$restore_folder/run-restore-$$
    note_restore_run || cannot_write "$restore_run" || return 0
}

note_restore_run() {
    mkdir -p "$restore_run" && true >"$restore_run/alive" && exec 9>"$restore_run/alive" && flock -n 9 &&
        echo "$restorer_name" >"$restore_run/requester" && true >"$restore_run/log" &&
        printf '%s\n' "${restore_run##*/}" >"$restore_folder/lock"
}

# try_item ITEM NAME COMMAND WORDS...
try_item() {
    item=$1 item_name=$2
    shift 2
    { printf '999999999 restore restore the %s\n' "$item_name" >"$restore_run/now"; } 2>/dev/null
    { item_error=$("$@" 2>&1 >&3 8>&- 9>&-); } 3>&1 && restored=$((restored + 1)) && return
    item_error=${item_error##*
}
    item_error=${item_error:-"it failed without a message"}
    not_restored=$((not_restored + 1))
    fail "not restored: $item_name: $item_error"
    printf '%s %s\n' "$item" "$item_error" >>"$restore_report"
    return 1
}

# wait_for COMMAND WORDS...: within the time that is left.
wait_for() {
    read -r left _ </proc/uptime
    left=$((restore_end - ${left%.*}))
    [ $left -gt 0 ] || left=0
    wait_until $left "$@"
}

wait_for_driver() {
    if [ ! -d "$nvidia_driver" ]; then
        read -r kernel </proc/sys/kernel/osrelease
        found=$(modinfo -F version nvidia 2>/dev/null)
        [ -n "$found" ] || fail "the kernel $kernel has no module nvidia: the driver has to be installed for it" || return
        wait_for test -d "$nvidia_driver" || fail "the driver nvidia $found is installed and was not loaded within $restore_seconds s" || return
    fi
    wait_for daemons_are_up || fail "nvidia-vgpu-mgr is $manager_state, and without it there are no vGPU types"
}
