# Packages of the distribution, for building kernel modules.

dpkg_updates=/var/lib/dpkg/updates
kernels=/lib/modules

# install_packages MANAGER PACKAGE...
install_packages() {
    manager=$1
    shift
    case $manager in
    # An earlier dpkg may have been interrupted, and lists may be old or empty: both show only in the attempt. One repository that cannot
    # be read (a subscription that ended) makes update fail, and the others may suffice.
    apt-get) apt_install "$@" || { finish_dpkg; apt_get update; apt_install "$@"; } ;;
    dnf) dnf -y install "$@" || dnf -y --setopt='*.skip_if_unavailable=1' install "$@" ;;
    zypper) zypper_install "$@" ;;
    *) fail "unknown package manager $manager" ;;
    esac 2>&1 || {
        [ "$manager" != apt-get ] || removes_nothing_for "$@" || return
        fail "$manager could not install $*"
        return
    }
    for package; do
        case $manager in
        apt-get) dpkg-query -W -f '${Status}\n' "$package" 2>&1 | grep -q '^install ok installed' ;;
        *) rpm -q --quiet --whatprovides "${package%%=*}" ;;
        esac || fail "$manager ended with 0, and $package is not installed" || return
        has_headers "$package" || return
    done
}

apt_install() { apt_get install --no-remove --no-install-recommends "$@"; }

# removes_nothing_for PACKAGE...: fails and names the packages that would have to be removed for these.
removes_nothing_for() {
    removed=$(apt-get -s install --no-install-recommends "$@" 2>/dev/null | sed -n 's/^Remv \([^ ]*\).*/\1/p' | paste -sd ' ' -)
    [ -z "$removed" ] || fail "apt-get would have to remove $removed for $*"
}

# NAME=VERSION of SUSE's kernels lacks the number of the rebuild at the end, so that is looked up.
zypper_install() {
    exact=
    for package; do
        name=${package%%=*} version=${package#*=}
        [ "$name" = "$package" ] || package=$name=$(zypper_version "$name" "$version")
        exact="$exact $package"
    done
    zypper --non-interactive install --no-recommends $exact
}

# Prints the version itself if the repositories have no rebuild of it.
zypper_version() {
    zypper --non-interactive --quiet search -s --match-exact -t package "$1" |
        awk -F ' *[|] *' -v version="$2" '$4 == version || index($4, version ".") == 1 { found = $4 } END { print found ? found : version }'
}

# has_headers PACKAGE: checks packages such as `kernel-default-devel=6.4.0-150600.23.25`, which may be installed for another kernel. True
# for all other packages.
has_headers() {
    case $1 in kernel-*-devel=*) ;; *) return 0 ;; esac
    flavour=${1#kernel-} kernel=${1#*=}
    kernel=$kernel-${flavour%%-devel=*}
    [ -e "$kernels/$kernel/build/Makefile" ] ||
        fail "zypper installed headers of another kernel than $kernel"
}

# A killed dpkg leaves a numbered file there, and apt-get refuses to run ("dpkg was interrupted").
finish_dpkg() {
    set -- "$dpkg_updates"/[0-9]*
    [ ! -e "$1" ] || DEBIAN_FRONTEND=noninteractive dpkg --configure -a
}

# needrestart, if installed, would restart services without asking.
apt_get() {
    DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -y -q -o DPkg::Lock::Timeout=300 "$@"
}
