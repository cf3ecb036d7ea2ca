# A run in a systemd scope of its own. Processes that are started from a login belong to its session: with KillUserProcesses=yes logind
# ends them with the session, and limits of the user's slice (MemoryMax, TasksMax) apply to a build of kernel modules.

systemd_running=/run/systemd/system
own_groups=/proc/$$/cgroup

# enter_own_scope NAME: moves this process into NAME.scope of system.slice, where all its children stay. It remains the same process,
# with its locks and its session. Starts one process. Without systemd no login manager ends anything.
enter_own_scope() {
    [ -d "$systemd_running" ] || return 0
    scope_error=$(
        busctl --quiet call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager \
            StartTransientUnit 'ssa(sv)a(sa(sv))' "$1.scope" fail 3 \
            PIDs au 1 $$ Slice s system.slice Description s 'Steps of pulumi-nvidia-vgpu' 0 2>&1 8>&- 9>&-
    ) && wait_until 5 is_in_scope "$1.scope" 8>&- 9>&- || report_unprotected
}

is_in_scope() {
    while IFS= read -r group; do
        case $group in *"/$1") return ;; esac
    done <"$own_groups"
    return 1
}

report_unprotected() {
    scope_policy=$(loginctl show-session --property=KillUserProcesses 2>/dev/null 8>&- 9>&-)
    case $scope_policy in *=yes) scope_policy=', and logind ends the remaining processes of a login (KillUserProcesses=yes)' ;; *) scope_policy= ;; esac
    say "this run is not protected from the end of its login$scope_policy: ${scope_error:-systemd did not move it into a scope of its own}"
}
