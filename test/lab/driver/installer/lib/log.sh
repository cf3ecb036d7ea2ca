# What the installer says. The log has the real one's shape: a header, then lines that begin with `-> `, `WARNING: ` or
# `ERROR: `. An interactive run shows all of it; a silent one only warnings and errors, on stderr.

open_log() {
	: "${log_file:=/var/log/nvidia-installer.log}"
	if ! { true > "$log_file"; } 2> /dev/null; then
		echo "nvidia-installer: Error opening log file '$log_file' for writing; disabling logging." >&2
		log_file=/dev/null
		return 0
	fi
	{
		echo "nvidia-installer log file '$log_file'"
		echo "creation time: $(date '+%a %b %e %H:%M:%S %Y')"
		echo "installer version: $VERSION"
		echo
		echo "PATH: $PATH"
		echo
		echo "nvidia-installer command line:"
		echo "    ./nvidia-installer"
		for option; do echo "    $option"; done
		echo
		echo "Using built-in stream user interface"
	} > "$log_file"
}

as_root() { [ "$(id -u)" = 0 ] || fail "nvidia-installer must be run as root"; }

show() { [ -n "$silent" ] || printf '%s\n' "$1"; }

say() { echo "-> $1" >> "$log_file"; show "$1"; }
message() { echo "-> $1" >> "$log_file"; [ -n "$silent" ] || printf '\n%s\n\n' "$1"; }
warn() { echo "WARNING: $1" >> "$log_file"; printf '\nWARNING: %s\n\n' "$1" >&2; }
error() { echo "ERROR: $1" >> "$log_file"; printf '\nERROR: %s\n\n' "$1" >&2; }

# progress TITLE LABEL: a stage is done
progress() {
	echo "-> $1" >> "$log_file"
	echo "-> done." >> "$log_file"
	show "$1"
	show "  $2: [##############################] 100%"
}

# run COMMAND...: the command and its output go to the log
run() {
	echo "   executing: '$*'..." >> "$log_file"
	"$@" >> "$log_file" 2>&1 < /dev/null
}

# ask QUESTION DEFAULT: continue or abort; without questions the default counts. 0 means continue.
ask() {
	answer=$2
	if [ -n "$questions" ]; then
		printf '\n%s\n  (continue, abort) [default: %s]: ' "$1" "$2"
		read -r typed && [ -n "$typed" ] && answer=$typed
	fi
	case $answer in
	c*) echo "-> $1 (Answer: Continue installation)" >> "$log_file";;
	*) echo "-> $1 (Answer: Abort installation)" >> "$log_file"; false;;
	esac
}

# fail TEXT: the reason, if it was not given yet, the closing line, and the one exit code that a failure has
fail() {
	[ -z "${1-}" ] || error "$1"
	error "Installation has failed.  Please see the file '$log_file' for details.  You may find suggestions on fixing installation problems in the README available on the Linux driver download page at www.nvidia.com."
	[ -z "${build_dir-}" ] || rm -rf "$build_dir"
	exit 1
}

# Faults that the lab asks for.
fault() { [ -e "/run/nvidia-standin/faults/$1" ]; }
