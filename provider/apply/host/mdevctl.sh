# Definitions of mdevctl, so that the distribution's tools show a vGPU, and none that starts by itself: the restorer creates vGPUs at boot.

mdevctl_definitions=/etc/mdevctl.d

# define_mdev UUID FUNCTION TYPE: it never fails. The vGPU exists, and a refusal of mdevctl is only reported.
define_mdev() {
    command -v mdevctl >/dev/null || return 0
    [ ! -e "$mdevctl_definitions/$2/$1" ] || return 0
    # Of a GPU that was moved.
    undefine_mdev "$1"
    defining=$(timeout 10 mdevctl define -u "$1" -p "$2" -t "nvidia-$3" 2>&1)
    [ -e "$mdevctl_definitions/$2/$1" ] || say "$1 is not defined in mdevctl: ${defining:-it printed nothing}"
}

# undefine_mdev UUID: without mdevctl, which may have been uninstalled since.
undefine_mdev() {
    for definition in "$mdevctl_definitions"/*/"$1"; do
        [ ! -e "$definition" ] || rm -f "$definition" || fail "the definition $definition cannot be removed" || return
    done
}

# Returns whether the record of a vGPU says that its definition is ours. No process.
has_own_definition() {
    [ -e "$vgpu_records/$1" ] || return
    while read -r line; do [ "$line" != mdevctl=yes ] || return 0; done <"$vgpu_records/$1"
    return 1
}
