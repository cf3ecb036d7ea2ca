# Restores what was removed for a driver that could not be installed. Each function may find its part done already.

# restore_driver VERSION MODULE...: if the installer failed after it had uninstalled the old driver, installs that from its package again.
restore_driver() {
    version=$1
    shift
    value /sys/module/nvidia/version
    [ "${value:-$version}" = "$version" ] || unload_modules || return
    found=$(modinfo -F version nvidia 2>&1)
    if [ "$found" != "$version" ]; then
        for package in "$vgpu_work/packages"/*-"$version"-*.run; do [ ! -e "$package" ] || break; done
        [ -e "$package" ] || fail "the installer removed $version, and $vgpu_work/packages has no package of it" || return
        run_installer "$package" - "$version" "$(uname -r)" --ui=none --no-questions || return
    fi
    allow_modules
    for module; do
        load_module "$module" || return
    done
    value /sys/module/nvidia/version
    [ "$value" = "$version" ] || fail "nvidia ${value:-(none)} is loaded instead of $version"
}
