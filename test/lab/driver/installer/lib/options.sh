# Options, and which branch knows which: nvidia-installer's option table, 460 to 590.

product='NVIDIA Accelerated Graphics Driver for Linux-x86_64'

set_defaults() {
	action=install skip_unload='' silent='' questions=1 from_deb=''
	log_file='' tmpdir=${TMPDIR:-/tmp} kernel=$(uname -r) kernel_source=''
	systemd=1 nouveau_check=1 disable_nouveau='' rebuild_initramfs=1 alternate_check=1 module_load=1 over_running=''
	secret_key='' public_key='' hash='' wanted_kind='' kernel_only=''
	dkms=''; [ "$BRANCH" -lt 525 ] || dkms=1
	cpus=0; for cpu in /sys/devices/system/cpu/cpu[0-9]*; do cpus=$((cpus + 1)); done
}

since() { [ "$BRANCH" -ge "$1" ]; }

# An option's argument is behind a `=` or is the next word.
parse_options() {
	while [ $# -gt 0 ]; do
		taken=1
		case $1 in
		--*=*) option=${1%%=*} argument=${1#*=} next='';;
		*) option=$1 argument=${2-} next=1;;
		esac
		known_option "$option" || return 1
		shift $taken
	done
}

# Says that the option has an argument; fails when there is none.
has_argument() {
	[ -z "$next" ] || taken=2
	[ -n "$argument" ]
}

# Sets what an option says; fails when this branch does not know it.
known_option() {
	case $1 in
	-s|--silent) silent=1 questions='';;
	-q|--no-questions) questions='';;
	-h|--help|-A|--advanced-options) action=help;;
	-v|--version) action=version;;
	-i|--driver-info) action=info;;
	--sanity) action=sanity;;
	--uninstall) action=uninstall;;
	--print-recommended-kernel-module-type) since 570 && action=kind;;

	--dkms) dkms=1;;
	--no-dkms) since 525 && dkms='';;
	--systemd) ;;
	--no-systemd) systemd='';;
	-Z|--disable-nouveau) disable_nouveau=1;;
	--no-disable-nouveau) since 545 && disable_nouveau=no;;
	-z|--no-nouveau-check) nouveau_check='';;
	--rebuild-initramfs) since 545;;
	--no-rebuild-initramfs) since 545 && rebuild_initramfs='';;
	-K|--kernel-module-only|--kernel-modules-only) kernel_only=1 module_load='';;
	--skip-module-load) since 550 && module_load='';;
	--allow-installation-with-running-driver) since 545 && over_running=1;;
	--no-allow-installation-with-running-driver) since 545 && over_running='';;
	--no-check-for-alternate-installs) alternate_check='';;
	--skip-module-unload) skip_unload=1;;
	-M|--kernel-module-type) since 555 && has_argument && wanted_kind=$argument;;
	-m|--kernel-module-build-directory) has_argument && kind_of_directory "$argument";;

	--tmpdir) has_argument && tmpdir=$argument;;
	--log-file-name) has_argument && log_file=$argument;;
	-k|--kernel-name) has_argument && kernel=$argument;;
	--kernel-source-path|--kernel-output-path) has_argument && kernel_source=$argument;;
	--module-signing-secret-key) has_argument && secret_key=$argument;;
	--module-signing-public-key) has_argument && public_key=$argument;;
	--module-signing-hash) has_argument && hash=$argument;;
	-j|--concurrency-level) has_argument && cpus=$argument;;

	# Known, and without meaning for the stand-in.
	--ui|--module-signing-script|--module-signing-key-path|--x-prefix|--utility-prefix|--proc-mount-point) has_argument;;
	-a|--accept-license|-n|--no-precompiled-interface|-b|--no-backup|-e|--expert|-X|--run-nvidia-xconfig) ;;
	--no-drm|--no-peermem|--no-unified-memory|--no-x-check|--no-cc-version-check|--no-runlevel-check|--no-rpms) ;;
	--no-opengl-files|--no-wine-files|--no-nvidia-modprobe|--no-distro-scripts|--no-recursion) ;;
	--install-libglvnd|--no-install-libglvnd|--install-compat32-libs|--no-install-compat32-libs) ;;

	# The Debian package's own way in: the modules for the running kernel, without the checks that concern a .run.
	--from-deb) from_deb=1 nouveau_check='' module_load='';;
	*) false;;
	esac
}

# -m names a folder of the real package; from 560 on it is deprecated in favour of -M.
kind_of_directory() {
	case $1 in
	kernel) wanted_kind=proprietary;;
	kernel-open) wanted_kind=open;;
	*) false;;
	esac
}

refuse_options() {
	echo >&2
	echo "ERROR: Invalid commandline, please run \`$0 --help\` for usage information." >&2
	echo >&2
	exit 1
}

show_version() {
	echo "nvidia-installer:  version $VERSION  (test-lab stand-in, holds no NVIDIA code)"
}

show_help() {
	show_version
	cat <<-HELP

	nvidia-installer [options]

	  -s, --silent            no questions, no output but errors
	  -q, --no-questions      no questions
	  --uninstall             uninstall the installed driver
	  -i, --driver-info       print what is installed
	  --sanity                check what is installed
	  --dkms                  register the kernel modules with DKMS
	  --no-systemd            do not install systemd units
	  -z, --no-nouveau-check  install although nouveau is loaded
	  --tmpdir=DIR            where to build
	  --log-file-name=FILE    default: /var/log/nvidia-installer.log
	  -K, --kernel-module-only  only the kernel modules, beside the driver that is installed
	  --kernel-name=NAME      build for another kernel than the running one
	  --kernel-source-path=DIR, --module-signing-secret-key=FILE, --module-signing-public-key=FILE, ...
	HELP
}
