# What a client runs on the host, behind lines that set
#
#   folder       where runs are kept
#   id, token    of this run; the token begins the lines that the client reads
#   owner, job   who wants it done; the script that does it
#   seen         the last run that had been made there when the host was looked at; what rests on an older look is not begun
#   again        not empty: the client asks for the end of a run that it lost sight of, which is not to be started twice
#   boundary     of the capture
#
# with look.sh behind it, and with probe.sh on stdin. It starts the job as a process of its own, which outlives the connection,
# and prints its log until its end; then how the host looks.
#
# Two locks tell who is at work: $folder/lock for the host, whose text names the run, and `alive` in the folder of each run.
# The runner inherits both, and whatever ends it gives them back.
#
# While it waits it prints an empty line to stderr every ten seconds, by which the client knows that the host is alive.

umask 077
cd / || exit
for tool in flock setsid; do
    command -v "$tool" >/dev/null || { echo "there is no $tool, which is part of util-linux" >&2 && exit 1; }
done
run=$folder/run-$id

frame() { printf '\n--%s %s\n' "$token" "$*"; }

rounds=0
# Called about twice a second.
sign_of_life() {
    rounds=$((rounds + 1))
    [ $((rounds % 20)) != 0 ] || echo >&2
}

# Takes the lock of the host; false: somebody else has it. Who has just seen a run end may come a moment before its lock is free.
take_host() {
    mkdir -p -m 755 "$folder" && exec 8>>"$folder/lock" && flock -w 0.5 8
}

is_as_seen() {
    last=
    [ ! -s "$folder/lock" ] || read -r last <"$folder/lock"
    [ "$last" = "$seen" ]
}

# All before the last run is history.
tidy() {
    for old in "$folder"/run-* "$folder"/new-*; do
        [ "${old##*/}" = "$last" ] || rm -rf "$old"
    done
}

# Whoever sees a folder run-* sees a run that has begun, and whoever sees it named as the last one sees it at work.
start() {
    new=$folder/new-$id
    mkdir "$new" && exec 9>"$new/alive" && flock -n 9 &&
        printf '%s\n' "$owner" >"$new/owner" &&
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
    read -r whose <"$other/owner"
    until flock -s -w 1 7; do
        read -r _ _ title <"$other/now"
        frame waiting "$whose: $title"
        [ ! -s "$other/rebooting" ] || tell_reboot
    done
    run=$other
    ! is_rebooting || tell_reboot
}

tell_reboot() {
    read -r reason <"$other/rebooting"
    frame reboot "$reason (run by $whose)"
}

# The run has rebooted the host, so nobody looks at it behind that. A run that was killed may never have come to it: then systemd knows.
is_rebooting() {
    [ -e "$run/rebooting" ] || return
    case $(tail -n 1 "$run/log") in "--"*" done") return ;; esac
    [ "$(systemctl is-system-running 2>/dev/null)" = stopping ]
}

if [ -d "$run" ]; then
    follow
elif [ -n "$again" ]; then
    is_as_seen
    run=$folder/$last
    frame gone
elif take_host; then
    if is_as_seen; then
        tidy
        start
        follow
    else
        exec 8>&-
        run=$folder/$last
        frame elsewhere
    fi
else
    wait_for_other
    frame elsewhere
fi
! is_rebooting || { frame rebooting && exit; }
frame capture
