# The driver: its installer, modules and services.

vgpu_work=/var/lib/nvidia-vgpu
installer_log=/var/log/nvidia-installer.log
dkms_tree=/var/lib/dkms/nvidia
modules_blocked=/run/modprobe.d/00-nvidia-vgpu.conf
# Packages that were not changed or uploaded for so long are not waiting for an installation.
tidy_minutes=60

# run_installer PACKAGE SHA256|- VERSION KERNEL FLAG...: no one else can load a module meanwhile, also if none had to be unloaded.
run_installer() {
    check_package "$1" "$2" && block_modules || return
    install_package "$@"
    code=$?
    allow_modules
    return $code
}

# The installer exits with 0 or 1 and writes the reason to its log (B01), so its important lines are printed last on standard error.
install_package() {
    package=$1 version=$3 kernel=$4
    shift 4
    mkdir -p "$vgpu_work/tmp" && chmod 700 "$vgpu_work/tmp" || return
    [ ! -e "$installer_log" ] || mv -f "$installer_log" "$installer_log.previous" || return
    say "running ${package##*/} $*"
    nvidia_vgpu_installs=yes TMPDIR=$vgpu_work/tmp sh "$package" --tmpdir "$vgpu_work/tmp" "$@" 2>&1
    code=$?
    rm -rf "$vgpu_work/tmp"
    [ $code = 0 ] || { print_installer_failure >&2; return 1; }
    has_driver "$kernel" "$version" || { print_installer_failure >&2; return 1; }
    tidy_packages "$package"
}

# tidy_packages INSTALLED: keeps the installed package, for further kernels and a rollback. Removes others, and parts of abandoned
# uploads. An upload sets the change time of its file.
tidy_packages() {
    rm -rf "$vgpu_work/proof"
    [ ! -d "$vgpu_work/packages" ] ||
        find "$vgpu_work/packages" -type f ! -name "${1##*/}" -cmin +"$tidy_minutes" -exec rm -f {} +
}

# check_package PACKAGE SHA256|-
check_package() {
    [ -f "$1" ] || fail "there is no $1" || return
    [ "$2" != - ] || return 0
    found=$(sha256sum <"$1") || return
    [ "${found%% *}" = "$2" ] || fail "$1 has the sha256 ${found%% *}, not $2"
}

# Prints the lines that may tell the cause, the last lines as context, and at the very end the first error, of which the others are
# consequences. The cause of a failed build is at its beginning, and that of a build by DKMS in the log of DKMS.
print_installer_failure() {
    [ -e "$installer_log" ] || return 0
    for log in "$installer_log" "$dkms_tree/$version/build/make.log"; do
        print_build_errors "$log"
    done
    tail -n 60 "$installer_log"
    grep -E 'Abort installation\)$' "$installer_log"
    grep '^ERROR: ' "$installer_log" | sed -n '1h;1!p;${x;p;}'
}

print_build_errors() {
    [ ! -e "$1" ] || grep -aE 'error:|\*\*\*|Error! |uses GPL-only symbol|not found|No such file' "$1" | head -n 20
}

# has_driver KERNEL VERSION: checks what modprobe would load, not what is loaded.
has_driver() {
    depmod -n "$1" >/dev/null 2>&1 || fail "$1 has no list of its modules" || return
    found=$(modinfo -k "$1" -F version nvidia 2>&1)
    [ "$found" = "$2" ] || fail "nvidia for $1 should be $2 and is: $found" || return
    modinfo -k "$1" -n nvidia-vgpu-vfio >/dev/null 2>&1 || fail "$1 has nvidia $2 without nvidia-vgpu-vfio"
}

# build_with_dkms VERSION KERNEL
build_with_dkms() {
    if [ -e "$dkms_tree/$1" ] || [ -e "/usr/src/nvidia-$1/dkms.conf" ]; then
        dkms install -m nvidia -v "$1" -k "$2" --force 2>&1
    else
        # Packages of distributions have other names in DKMS.
        dkms autoinstall -k "$2" 2>&1
    fi || {
        { print_build_errors "$dkms_tree/$1/build/make.log"; tail -n 20 "$dkms_tree/$1/build/make.log"; } >&2
        fail "DKMS could not build the modules of $1 for $2"
        return
    }
    has_driver "$2" "$1"
}

uninstall_driver() {
    remove_driver
    code=$?
    allow_modules
    return $code
}

remove_driver() {
    while_no_vgpu_is_used run_uninstaller || return
    remove_other_modules
    rm -rf "$vgpu_work" "$run_vgpu/reboot-required" "$rebooted_for"
    rmdir "$vgpu_records" "${vgpu_records%/*}" 2>/dev/null
    ! modinfo -n nvidia >/dev/null 2>&1 || fail "nvidia-uninstall ended with 0, and the module nvidia is still there"
}

run_uninstaller() {
    if command -v nvidia-uninstall >/dev/null; then
        nvidia-uninstall -s 2>&1 || { tail -n 20 /var/log/nvidia-uninstall.log >&2; fail "nvidia-uninstall failed"; return; }
    elif modinfo -n nvidia >/dev/null 2>&1; then
        fail "there is no nvidia-uninstall, so the driver was not installed from a .run package"
    fi
}

# The uninstaller does not remove modules that were built for further kernels.
remove_other_modules() {
    for module in /lib/modules/*/kernel/drivers/video/nvidia.ko*; do
        [ -e "$module" ] || continue
        directory=${module%/*}
        rm -f "$directory"/nvidia.ko* "$directory"/nvidia-*.ko*
        kernel=${directory#/lib/modules/}
        depmod "${kernel%%/*}"
    done
}

load_module() {
    name=$(printf %s "$1" | tr - _)
    [ -d "/sys/module/$name" ] && return
    modprobe "$1" || { dmesg | grep -E 'NVRM|nvidia|nouveau' | tail -n 10 >&2; fail "modprobe $1 failed"; return; }
    [ -d "/sys/module/$name" ] || fail "modprobe $1 ended with 0, and it is not loaded"
}

# block_modules: a monitor that runs nvidia-smi would load nvidia again at once, and every other module of the driver needs that one.
# The installer may load it, by its environment; everyone may when this run has ended, by the lock of the host (follow.sh).
block_modules() {
    mkdir -p "${modules_blocked%/*}" && printf '%s\n' '# Written by pulumi-nvidia-vgpu while it changes the driver.' \
        "install nvidia { [ -n \"\$nvidia_vgpu_installs\" ] || flock -s -n $run_vgpu/lock true; } && modprobe --ignore-install nvidia \$CMDLINE_OPTS" \
        >"$modules_blocked" || cannot_write "$modules_blocked"
}

allow_modules() { rm -f "$modules_blocked"; }

# After this only our installer can load a module, until allow_modules.
unload_modules() {
    while_no_vgpu_is_used block_modules || return
    unload_in_order || { allow_modules; return 1; }
}

# Modules before those that they use (B99).
unload_in_order() {
    for module in nv_peer_mem nvidia_peermem nvidia_vgpu_vfio nvidia_uvm nvidia_drm nvidia_modeset nvidia; do
        reason=
        wait_until 10 unload_module $module
        [ -d "/sys/module/$module" ] || continue
        [ -n "$reason" ] || return
        report_holders >&2
        fail "$module cannot be unloaded: ${reason##*ERROR: }" || return
    done
}

# False as long as a retry may help. If a vGPU is in use, it is true and $reason is empty.
unload_module() {
    [ -d "/sys/module/$1" ] || return 0
    reason=
    while_no_vgpu_is_used remove_module "$1" || [ -z "$reason" ]
}

remove_module() { reason=$(rmmod "$1" 2>&1); }

# Prints the processes that have a node of the driver open: "nvidia-smi (pid 812) has /dev/nvidia0 open".
report_holders() {
    who_has_open '/dev/nvidia*' | while read -r path device; do
        pid=${path#"$proc"/} pid=${pid%%/*}
        value "$proc/$pid/comm" && echo "$value (pid $pid) has $device open"
    done | sort -u
}

# while_no_vgpu_is_used COMMAND WORDS...: see hold.sh.
while_no_vgpu_is_used() {
    vgpu_devices=
    for device in /sys/bus/mdev/devices/* /sys/bus/pci/drivers/nvidia/*:*; do
        [ ! -e "$device" ] || vgpu_devices="$vgpu_devices $device"
    done
    while_free "a vGPU" "$vgpu_devices" "$@"
}

# start_service NAME: nvidia-vgpud ends after its work, so its result counts (B18).
start_service() {
    systemctl reset-failed "$1.service" 2>/dev/null
    systemctl start "$1.service"
    case $1 in
    nvidia-vgpud) wait_until 30 has_done "$1" ;;
    *) wait_until 30 systemctl -q is-active "$1.service" ;;
    esac || { journalctl -u "$1" -n 15 -o cat --no-pager >&2; fail "$1 did not start: $(state_of "$1")"; }
}

has_done() {
    case $(state_of "$1") in
    active:* | inactive:success) ;;
    *) return 1 ;;
    esac
}

# Prints for example "failed:exit-code". systemctl does not keep the order of the properties.
state_of() {
    systemctl show -p ActiveState -p Result "$1.service" | sort | sed 's/^.*=//' | paste -sd : -
}

stop_service() {
    while_no_vgpu_is_used systemctl stop "$1.service" || return
    ! systemctl -q is-active "$1.service" || fail "$1 still runs: $(state_of "$1")"
}

enable_service() {
    systemctl enable "$1.service" 2>&1 && systemctl -q is-enabled "$1.service" || fail "$1 is not enabled"
}
