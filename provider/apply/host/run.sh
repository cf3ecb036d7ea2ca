# Runs the steps of one job, one after the other. The client may be gone meanwhile, so everything is written to a log (the stdout of
# this script), in lines that begin with a secret token. provider/apply/run-log.ts reads them.
#
#   begin_run TOKEN FOLDER; step NUMBER SECONDS 'NUMBERS OF STEPS BEFORE IT' TITLE FUNCTION WORDS...; ...; end_run
#
# Instead of `step` there may be reboot_step, or rollback_step with the number of another step before its own.
#
# The runner leads a session, by which all its processes can be found. 8 and 9 are the locks (follow.sh), which no step may inherit.

run_frame() { printf '\n--%s %s\n' "$run_token" "$*"; }

begin_run() {
    run_token=$1 run_folder=$2 run_failed=' '
    say_mark="--$run_token say "
    trap : USR1
    : >"$run_folder/now"
    enter_own_scope "nvidia-vgpu-${run_folder##*/}"
    watch_over_run >/dev/null 2>&1 &
    run_watchdog=$!
}

# Sets $run_ended to the exit code of the step, `late` or `skipped`.
step() {
    run_step=$1 run_limit=$2 run_after=$3 run_title=$4 run_ended=skipped
    shift 4
    for run_needed in $run_after; do
        case $run_failed in *" $run_needed "*) run_failed="$run_failed$run_step " && return ;; esac
    done
    read -r run_time _ </proc/uptime
    printf '%s %s %s\n' "$((${run_time%.*} + run_limit))" "$run_step" "$run_title" >"$run_folder/now"
    run_frame begin "$run_step" "$run_time"
    ("$@") </dev/null 2>&1 8>&- 9>&- &
    # bash prints a message of its own about a step that was killed.
    wait $! 2>/dev/null
    run_ended=$?
    # The watchdog writes into the file when no process of the step is left.
    [ -e "$run_folder/late-$run_step" ] && run_ended=late && wait_until 10 [ -s "$run_folder/late-$run_step" ]
    read -r run_time _ </proc/uptime
    run_frame end "$run_step" "$run_time" "$run_ended"
    [ "$run_ended" = 0 ] || run_failed="$run_failed$run_step "
}

# reboot_step REASON NUMBER...: the host goes down during this step or soon after it. It must not be probed meanwhile, and clients that
# wait for this run read the reason.
reboot_step() {
    printf '%s\n' "$1" >"$run_folder/rebooting"
    shift
    step "$@"
    [ "$run_ended" = 0 ] || rm "$run_folder/rebooting"
}

# rollback_step FAILED NUMBER...: runs only if that step failed or was skipped.
rollback_step() {
    case $run_failed in *" $1 "*) shift && step "$@" ;; esac
}

end_run() {
    sync_folders "$vgpu_records" "$gpu_records"
    run_frame done
    { kill "$run_watchdog" && wait "$run_watchdog"; } 2>/dev/null
    exit 0
}

# Ends a step that takes too long. If the runner is killed, the locks stay until the last of its processes has ended.
watch_over_run() {
    read -r run_self _ </proc/self/stat
    while runner_lives || run_processes; do
        sleep 1 8>&- 9>&-
        read -r run_time _ </proc/uptime
        read -r run_deadline run_step _ <"$run_folder/now"
        [ "${run_time%.*}" -gt "${run_deadline:-999999999}" ] && [ ! -e "$run_folder/late-$run_step" ] && end_late_step
    done
}

runner_lives() {
    run_line=
    read -r run_line <"/proc/$$/stat"
    case ${run_line##*) } in '' | Z*) return 1 ;; esac
}

end_late_step() {
    : >"$run_folder/late-$run_step"
    run_processes && kill -TERM $run_processes
    wait_until 3 none_left_of "$run_processes" 8>&- 9>&- || kill -KILL $run_processes
    # A process that waits in the kernel cannot be killed, for example until a VM releases its device. The runner continues without it.
    wait_until 1 none_left_of "$run_processes" 8>&- 9>&- || kill -USR1 $$
    echo over >"$run_folder/late-$run_step"
}

none_left_of() {
    for run_process in $1; do
        kill -0 "$run_process" && return 1
    done
    return 0
}

# Sets $run_processes to the processes of the runner except this watchdog; false if there are none.
run_processes() {
    run_processes=
    for run_stat in /proc/[0-9]*/stat; do
        read -r run_line <"$run_stat" || continue
        set -- ${run_line##*) }
        [ "$4" = $$ ] && [ "$1" != Z ] || continue
        run_process=${run_line%% *}
        case $run_process in $$ | "$run_self") ;; *) run_processes="$run_processes $run_process" ;; esac
    done
    [ -n "$run_processes" ]
}
