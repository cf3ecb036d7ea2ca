# Functions that the whole library uses. They start no process, except the sleep of a poll.

# Prints a progress line. $say_mark is set by the runner, and distinguishes such lines from the output of programs.
say() { printf '%s%s\n' "${say_mark-}" "$*"; }

# fail "what was found" || return
fail() {
    printf '%s\n' "$*" >&2
    return 1
}

# Sets $value to the first line of a file; false if there is none.
value() {
    value=
    { read -r value <"$1" || [ -n "$value" ]; } 2>/dev/null
}

# split_lines; for line in $text; do ...; done; split_words: without a here-document, for which bash before 5.1 needs a temporary file, and
# thus a disk that is not full.
split_lines() {
    set -f
    IFS='
'
}
split_words() {
    set +f
    unset IFS
}

# wait_until SECONDS COMMAND...: polls the command until it is true. The command runs in this shell and may set variables.
wait_until() {
    read -r wait_now _ </proc/uptime
    wait_end=$((${wait_now%.*} + $1))
    shift
    until "$@"; do
        read -r wait_now _ </proc/uptime
        [ "${wait_now%.*}" -le "$wait_end" ] || return 1
        sleep 0.2
    done
}
