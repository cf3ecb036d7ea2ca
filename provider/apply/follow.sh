# Starts a run on the host, or finds it again, prints its log until its end, and then a snapshot of the host. Lines before this
# script set
#
#   folder          the folder of runs
#   id, token       of this run; the token begins the lines that the client reads
#   requester, job  who has it run, and the script that does it
#   based_on        the last run at the time of the snapshot that the plan is based on; an outdated plan is not started
#   reconnect       not empty: the client lost the connection to this run, which must not be started twice
#   boundary        of the capture
#
# snapshot.sh follows this script, and probe.sh comes on stdin. The job runs as a process of its own, which outlives the connection.
#
# Two locks show what is at work: $folder/lock for the host, which contains the name of the run, and `alive` in the folder of each
# run. The runner inherits both, so they are free when it has ended in any way.
#
# While this script waits, it prints an empty line to stderr every ten seconds, by which the client knows that the host is alive.

umask 077
cd / || exit
for tool in flock setsid; do
    command -v "$tool" >/dev/null || { echo "$tool is missing; it is part of util-linux" >&2 && exit 1; }
done
run=$folder/run-$id

frame() { printf '\n--%s %s\n' "$token" "$*"; }

rounds=0
# Called about twice a second.
sign_of_life() {
    rounds=$((rounds + 1))
    [ $((rounds % 20)) != 0 ] || echo >&2
}

# Takes the lock of the host; false where another run has it. The lock of a run that has just ended may become free a moment later.
take_host() {
    mkdir -p -m 755 "$folder" && exec 8>>"$folder/lock" && flock -w 0.5 8
}

# Sets $last to the last run; false where that is not the one that the plan is based on.
is_up_to_date() {
    last=
    [ ! -s "$folder/lock" ] || read -r last <"$folder/lock"
    [ "$last" = "$based_on" ]
}

# Removes all runs before the last one.
tidy() {
    for old in "$folder"/run-* "$folder"/new-*; do
        [ "${old##*/}" = "$last" ] || rm -rf "$old"
    done
}

# Starts the job. A folder run-* exists only for a run that has begun, and the lock names a run only while or after it is at work.
start() {
    new=$folder/new-$id
    mkdir "$new" && exec 9>"$new/alive" && flock -n 9 &&
        printf '%s\n' "$requester" >"$new/requester" &&
        printf '%s' "$job" >"$new/job" &&
        : >"$new/log" &&
        mv "$new" "$run" &&
        printf '%s\n' "run-$id" >"$folder/lock" || exit
    setsid sh "$run/job" </dev/null >>"$run/log" 2>&1 &
    exec 8>&- 9>&-
}

follow() {
    exec 3<"$run/log" 7<"$run/alive"
    until flock -s -w 0.5 7; do
        cat <&3
        sign_of_life
    done
    cat <&3
}

wait_for_other() {
    read -r other <"$folder/lock"
    other=$folder/$other
    [ -e "$other/alive" ] && exec 7<"$other/alive" || return
    read -r other_requester <"$other/requester"
    until flock -s -w 1 7; do
        read -r _ _ title <"$other/now"
        frame waiting "$other_requester: $title"
        [ ! -s "$other/rebooting" ] || report_reboot
    done
    run=$other
    ! is_rebooting || report_reboot
}

report_reboot() {
    read -r reason <"$other/rebooting"
    frame reboot "$reason (run by $other_requester)"
}

# The run has rebooted the host, so there is no snapshot after it. A run that was killed may never have reached the reboot: then
# systemd knows.
is_rebooting() {
    [ -e "$run/rebooting" ] || return
    case $(tail -n 1 "$run/log") in "--"*" done") return ;; esac
    [ "$(systemctl is-system-running 2>/dev/null)" = stopping ]
}

# The answers are those of run-state.ts.
if [ -d "$run" ]; then
    follow
elif [ -n "$reconnect" ]; then
    is_up_to_date
    run=$folder/$last
    frame missing
elif take_host; then
    if is_up_to_date; then
        tidy
        start
        follow
    else
        exec 8>&-
        run=$folder/$last
        frame superseded
    fi
else
    wait_for_other
    frame superseded
fi
! is_rebooting || { frame rebooting && exit; }
frame finished
