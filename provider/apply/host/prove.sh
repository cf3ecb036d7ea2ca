# Proves that a package builds, before anything is removed for it.

build_log=/var/log/nvidia-vgpu-build.log

# prove_package PACKAGE SHA256|- VERSION open|proprietary KERNEL...: unpacks it, and builds its modules for each kernel with the
# options that the package gives to DKMS. Nothing is installed or loaded.
prove_package() {
    check_package "$1" "$2" || return
    version=$3 unpacked=$vgpu_work/proof sources=$vgpu_work/proof/kernel
    rm -rf "$unpacked" && mkdir -p "$vgpu_work" || return
    say "unpacking ${1##*/}"
    TMPDIR=$vgpu_work sh "$1" --extract-only --target "$unpacked" 2>&1 || fail "the package cannot be unpacked below $vgpu_work" || return
    [ "$4" = proprietary ] || [ ! -d "$unpacked/kernel-open" ] || sources=$unpacked/kernel-open
    [ -e "$sources/Makefile" ] || fail "the package ${1##*/} has no kernel modules to build: there is no ${sources##*/}/Makefile" || return
    shift 4
    : >"$build_log"
    for kernel; do
        builds_for "$kernel" || { rm -rf "$unpacked"; return 1; }
    done
    rm -rf "$unpacked" "$build_log"
}

# One tree at a time, since each takes as much space as the package.
builds_for() {
    tree=$unpacked/build
    cp -R "$sources" "$tree" || return
    say "building the modules of $version for $1"
    make -C "$tree" -j "$(nproc)" KERNEL_UNAME="$1" IGNORE_XEN_PRESENCE=1 IGNORE_CC_MISMATCH=1 modules >>"$build_log" 2>&1 || {
        grep -E 'error:|\*\*\*|No space left' "$build_log" | head -n 20 >&2
        fail "the modules of $version do not build for the kernel $1"
        return
    }
    [ -e "$tree/nvidia-vgpu-vfio.ko" ] || fail "the package of $version builds no nvidia-vgpu-vfio, so it is not the vGPU Manager" || return
    found=$(modinfo -F version "$tree/nvidia.ko" 2>&1)
    [ "$found" = "$version" ] || fail "the package should build nvidia $version and builds: $found" || return
    found=$(modinfo -F vermagic "$tree/nvidia.ko" 2>&1)
    [ "${found%% *}" = "$1" ] || fail "the modules of $version are built for ${found%% *} instead of $1" || return
    rm -rf "$tree"
}
