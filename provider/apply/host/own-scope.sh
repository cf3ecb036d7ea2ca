# A run in a systemd scope of its own. What is started from a login belongs to the session of that login: with KillUserProcesses=yes
# logind ends it with the session, and limits of the user's slice (MemoryMax, TasksMax) hold for a build of kernel modules.

systemd_running=/run/systemd/system
own_groups=/proc/$$/cgroup

# enter_own_scope NAME: moves this process into NAME.scope of system.slice, where all that it starts stays. It is the same process as
# before, with its locks and its session. One process. Where systemd does not run, no login manager ends anything.
enter_own_scope() {
    [ -d "$systemd_running" ] || return 0
    scope_error=$(
        busctl --quiet call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager \
            StartTransientUnit 'ssa(sv)a(sa(sv))' "$1.scope" fail 3 \
            PIDs au 1 $$ Slice s system.slice Description s 'Steps of pulumi-nvidia-vgpu' 0 2>&1 8>&- 9>&-
    ) && wait_until 5 is_in_scope "$1.scope" 8>&- 9>&- || tell_unprotected
}

is_in_scope() {
    while IFS= read -r group; do
        case $group in *"/$1") return ;; esac
    done <"$own_groups"
    return 1
}

tell_unprotected() {
    scope_policy=$(loginctl show-session --property=KillUserProcesses 2>/dev/null 8>&- 9>&-)
    case $scope_policy in *=yes) scope_policy=', and logind ends what a login leaves behind (KillUserProcesses=yes)' ;; *) scope_policy= ;; esac
    say "this run is not protected from the end of its login$scope_policy: ${scope_error:-systemd did not move it into a scope of its own}"
}
