# The reboot, and what prevents it. The signs in $idle_... are those of provider/model/idle-signs.ts.

proc=/proc
boot_id=/proc/sys/kernel/random/boot_id
rebooted_for=/etc/nvidia-vgpu/rebooted-for
docker_containers=/var/lib/docker/containers
podman_containers=/var/lib/containers/storage/overlay-containers

# mark_reboot TEXT: writes it to a place that a reboot empties.
mark_reboot() {
    mkdir -p "$run_vgpu" && printf '%s\n' "$1" >"$run_vgpu/reboot-required"
}

# note_reboot REASON: writes what takes effect after a reboot below the id of this boot. If it is still due in another boot, a further
# reboot will not help.
note_reboot() {
    value "$boot_id" && mkdir -p "${rebooted_for%/*}" || return
    noted_boot=$value
    value "$rebooted_for"
    [ "$value" = "$noted_boot" ] || printf '%s\n' "$noted_boot" >"$rebooted_for" || return
    grep -qxF -e "$1" "$rebooted_for" || printf '%s\n' "$1" >>"$rebooted_for"
}

# Fails with the reason; see explain/reboot.ts.
reboot_by_hand() { fail "$1"; }

# reboot_when_idle REASON PATTERN...: never ends a virtual machine, or a container that no PATTERN matches. What may take long comes
# first, so that nothing is between the last check and the reboot.
reboot_when_idle() {
    reboot_reason=$1
    shift
    sync_disks || return
    reboot_blockers=$(not_idle "$@" | sort -u | paste -sd ';' | sed 's/;/; /g')
    [ -z "$reboot_blockers" ] || { fail "$reboot_blockers"; return; }
    note_reboot "$reboot_reason" || cannot_write "$rebooted_for" || return
    say "rebooting: $reboot_reason"
    systemctl reboot 2>&1 || fail "systemctl reboot failed"
}

# sync waits for ever if a network file system has lost its server.
sync_disks() {
    mkdir -p "$run_vgpu" && rm -f "$run_vgpu/synced" || return
    { sync && : >"$run_vgpu/synced"; } >/dev/null 2>&1 &
    sync_process=$!
    wait_until "${sync_seconds:-60}" [ -e "$run_vgpu/synced" ] && return
    kill "$sync_process" 2>/dev/null
    fail "its file systems could not be written out within ${sync_seconds:-60} s (sync): a disk, or the server of a network file system, does not answer"
}

# not_idle PATTERN...: prints a line for each blocker of a reboot. What cannot be told is a blocker, too.
not_idle() {
    report_inhibitors
    report_by_status "$@"
    report_by_group "$@"
    report_by_descriptors
}

# Block inhibitors of shutdown, by the interface that systemd documents. systemctl itself ignores them without a terminal, or counts
# every login as one. Without logind there are none.
report_inhibitors() {
    inhibitors=$(timeout 10 busctl call org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager ListInhibitors 2>&1) || {
        systemctl -q is-active systemd-logind.service 2>/dev/null || return 0
        echo "it cannot be told who forbids a shutdown: ${inhibitors:-busctl does not answer}"
        return
    }
    # `a(ssssuu) 1 "shutdown:sleep" "who" "why" "block" 0 4711`: what, who, why, mode, user, process. No text has a tab in it.
    tab=$(printf '\t')
    text='"(([^"\\]|\\.)*)"'
    records=$(printf '%s\n' "$inhibitors" | sed -E "s/$text $text $text \"((block|delay)[a-z-]*)\" [0-9]+ ([0-9]+)/\\
\\1$tab\\7$tab\\9$tab\\3$tab\\5\\
/g" | grep "$tab")
    count=${inhibitors#*' '} count=${count%%' '*}
    [ "$count" = "$(printf '%s\n' "$records" | grep -c .)" ] || echo "it cannot be told who forbids a shutdown: $inhibitors"
    printf '%s\n' "$records" | sed -nE "s/^([^$tab]*:)?shutdown(:[^$tab]*)?${tab}block[^$tab]*$tab([0-9]+)$tab([^$tab]*)$tab(.*)\$/\\4 (pid \\3) forbids a shutdown: \\5/p"
}

# search_processes OWN COMMAND...: sets $found to the lines that the command prints and that begin with $proc. False, with
# $unknown_because, if the command had an error other than that of a process that ended meanwhile, or if it did not find OWN, which
# certainly exists.
search_processes() {
    search_own=$1
    shift
    search_output=$("$@" 2>&1)
    unknown_because=$(printf '%s\n' "$search_output" | grep -v -e "^$proc/" -e ': No such file or directory$' -e ': No such process$' -e '^$' | head -n 1)
    case $search_output in
    *"$search_own"*) ;;
    *) unknown_because=${unknown_because:-"$search_own exists and was not found"} ;;
    esac
    found=$(printf '%s\n' "$search_output" | grep "^$proc/" | grep -vF "$search_own")
    [ -z "$unknown_because" ] || echo "it cannot be told what runs: $unknown_because"
    [ -n "$found" ]
}

# with_all FILE COMMAND...: with that file of each process as further arguments, however many there are.
with_all() {
    with_all_file=$1
    shift
    printf '%s\n' "$proc"/[0-9]*/"$with_all_file" | xargs "$@"
}

# Processes by their names, and the first process of each PID namespace below ours: a container of any kind. Services with PrivatePIDs=
# and sandboxes of browsers are among them; they may be allowed by their unit or command.
report_by_status() {
    tab=$(printf '\t')
    search_processes "$proc/$$/status" with_all status grep -aHE -e "^Pid:$tab$$\$" -e "^$idle_firstInNamespace\$" \
        -e "^Name:$tab($idle_machineNames|$idle_runtimeNames|$idle_packageManagerNames)\$" || return
    printf '%s\n' "$found" | while IFS="$tab" read -r path name _; do
        pid=${path#"$proc/"} pid=${pid%%/*}
        case $path in *:NSpid:) report_container "$pid" "$(group_of "$pid")" "$@"; continue ;; esac
        if printf '%s\n' "$name" | grep -qxE "$idle_machineNames"; then
            echo "$name (pid $pid) runs, a virtual machine"
        elif printf '%s\n' "$name" | grep -qxE "$idle_packageManagerNames"; then
            echo "$name (pid $pid) is at work, a package manager"
        else
            report_container "$pid" "$(group_of "$pid")" "$@"
        fi
    done
}

report_by_group() {
    tab=$(printf '\t')
    search_processes "$proc/$$/cgroup" with_all cgroup grep -aHE -e "$idle_containerGroups" -e "^(0|[0-9]+:name=systemd):" || return
    # One process of each group. Virtual machines of QEMU are reported as such.
    printf '%s\n' "$found" | grep -E "$idle_containerGroups" | grep -v '/machine-qemu' |
        sed -E "s|^$proc/([0-9]+)/cgroup:[^/]*(/.*)\$|\\2$tab\\1|" | sort -t "$tab" -u -k 1,1 |
        while IFS=$tab read -r group pid; do
            report_container "$pid" "$group" "$@"
        done
}

# KVM's own descriptor, and the lock files of dpkg, APT and RPM.
report_by_descriptors() {
    export idle_machineDescriptor
    search_processes "$proc/$$/fd/" with_all fd sh -c 'exec find "$@" "(" -path "$0" -o -lname "$idle_machineDescriptor" -o -lname "*/dpkg/lock*" \
        -o -lname "*/apt/*/lock" -o -lname "*/rpm/.rpm.lock" ")" -printf "%p %l\n"' "$proc/$$/fd/*" || return
    printf '%s\n' "$found" | while read -r path target; do
        pid=${path#"$proc/"} pid=${pid%%/*}
        value "$proc/$pid/comm"
        case $target in
        "$idle_machineDescriptor") echo "${value:-a process} (pid $pid) runs, a virtual machine" ;;
        *) echo "${value:-a process} (pid $pid) is at work, a package manager: it has $target open" ;;
        esac
    done
}

group_of() { sed -nE 's/^(0|[0-9]+:name=systemd):[^/]*//p' "$proc/$1/cgroup" 2>/dev/null | head -n 1; }

# report_container PID GROUP PATTERN...
report_container() (
    set -f
    value "$proc/$1/comm"
    command=${value:-a process} pid=$1 group=$2
    shift 2
    ids=$(printf '%s\n' "$group" | grep -oE '[0-9a-f]{64}')
    names=$(names_of_container)
    for name in $names "$command"; do
        for pattern; do
            case $name in $pattern) return ;; esac
        done
    done
    [ -n "$ids" ] || names=${group:-/}
    echo "$command (pid $pid) runs, in the container ${names%%
*}"
)

# Prints one name a line, the best first: names, ids in short and in full, and the parts of the control group with and without suffix.
names_of_container() {
    for id in $ids; do
        grep -aoE '"Name":"/[^"]*"' "$docker_containers/$id/config.v2.json" 2>/dev/null | sed 's|^"Name":"/||; s|"$||'
        grep -ahoE "\"id\":\"$id\",\"names\":\\[[^]]*]" "$podman_containers/containers.json" "$podman_containers/volatile-containers.json" 2>/dev/null | sed 's/^.*\[//' | tr -d ']"' | tr , '\n'
    done
    for id in $ids; do
        printf '%.12s\n%s\n' "$id" "$id"
    done
    printf '%s\n' "$group" | tr / '\n' | grep . | sed -E 'p; s/^lxc\.payload\.//; s/\.(scope|service|slice)$//'
}
