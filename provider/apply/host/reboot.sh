# The reboot, and what forbids it.

# mark_reboot TEXT: in a place that the reboot empties.
mark_reboot() {
    mkdir -p "$run_vgpu" && printf '%s\n' "$1" >"$run_vgpu/reboot-required"
}

# reboot_when_idle REASON: no policy ends a virtual machine or a container.
reboot_when_idle() {
    running=$(running_guests)
    [ -z "$running" ] || { printf '%s\n' "$running" >&2; fail "the host is not idle, so it is not rebooted"; return; }
    say "rebooting: $1"
    sync
    systemctl reboot || fail "systemctl reboot failed"
}

reboot_by_hand() {
    fail "This host has to be rebooted: $1. The policy is \"never\", so that is yours to do. Reboot it, then run pulumi up again."
}

# By the same signs as the probe's: a descriptor of KVM or the name of the process, and the name of the control group.
running_guests() {
    {
        find /proc/[0-9]*/fd -lname 'anon_inode:kvm-vm' 2>/dev/null
        grep -lE '^(qemu-system|qemu-kvm$|kvm$)' /proc/[0-9]*/comm 2>/dev/null
    } | tell_processes "a virtual machine"
    grep -lE '(docker|libpod|containerd|crio|kubepods)[^/]*[-/](.*[-/:])?[0-9a-f]{64}|/lxc(\.payload\.|/)[^/]' \
        /proc/[0-9]*/cgroup 2>/dev/null | tell_processes "in a container"
}

tell_processes() {
    cut -d / -f 3 | sort -un | while read -r pid; do
        value "/proc/$pid/comm" && echo "$value (pid $pid) runs, $1"
    done
}
