# Guests that are defined but not running: they would not start again without their device. The files are those that the probe reads.

kubelet_checkpoint=/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint
definitions="/etc/libvirt/qemu/*.xml /run/libvirt/qemu/*.xml /etc/pve/qemu-server/*.conf $kubelet_checkpoint
    /var/lib/docker/volumes/*/_data/*.xml /var/lib/docker/volumes/*/_data/qemu/*.xml
    /var/lib/containers/storage/volumes/*/_data/*.xml /var/lib/containers/storage/volumes/*/_data/qemu/*.xml
    /root/.config/libvirt/qemu/*.xml /home/*/.config/libvirt/qemu/*.xml"

# Sets $user to a definition that names one of the devices of name_devices, or $unknown_because. It has a time limit: Proxmox's cluster
# file system and homes hang without their servers. $daemons are the roots of libvirt's daemons, which may be in containers.
scan_definitions() {
    places=$definitions
    for root in $daemons; do
        [ "$root/etc/libvirt/qemu" -ef /etc/libvirt/qemu ] || places="$places $root/etc/libvirt/qemu/*.xml"
    done
    defining_pattern
    defining=$(timeout 10 sh -c "$find_definitions" sh "$pattern" "$places" 2>&1)
    code=$?
    case $code-$defining in
    0-) ;;
    0-/*) user="the guest that ${defining%%
*} defines" ;;
    124-*) unknown_because="the definitions of virtual machines could not be read in 10 s" ;;
    *) unknown_because="the definitions of virtual machines could not be read: $defining" ;;
    esac
}

# Prints the files that name a device. Everything after the first `[` of a Proxmox file belongs to snapshots.
find_definitions='
    pattern=$1 places=$2
    [ ! -r /etc/passwd ] || while IFS=: read -r _ _ _ _ _ home _; do
        case $home in /?*) places="$places $home/.config/libvirt/qemu/*.xml" ;; esac
    done </etc/passwd
    set --
    for file in $places; do [ ! -e "$file" ] || set -- "$@" "$file"; done
    [ $# = 0 ] || exec awk -v pattern="$pattern" '\''
        FNR == 1 { over = 0 }
        /^\[/ { over = 1 }
        !over && tolower($0) ~ pattern { print FILENAME; over = 1 }
    '\'' "$@"'

# Sets $pattern: elements of libvirt, options of Proxmox, and entries of the kubelet, in lower case. A kubelet knows devices by
# UUID, address or IOMMU group.
defining_pattern() {
    elements= options= ids=
    for name in $names; do
        case $name in
        *-*) elements="$elements|uuid=.$name" option=$name ;;
        *:*.*)
            address=$name domain=0000
            case $name in *:*:*) domain=${name%%:*} address=${name#*:} ;; esac
            slot=${address#*:}
            elements="$elements|domain=.0x$domain. bus=.0x${address%:*}. slot=.0x${slot%.*}. function=.0x${slot#*.}"
            option="${address%.*}[.]${slot#*.}"
            # Without a function it means all functions of a device. vGPUs are on the first one.
            case $slot in *.0) option="${address%.*}([.]0)?" ;; esac
            if [ "$domain" = 0000 ]; then option="(0000:)?$option"; else option=$domain:$option; fi
            ;;
        *) continue ;;
        esac
        options="$options|$option" ids="$ids|(0000:)?$name"
    done
    for node in $nodes; do
        case $node in none:* | *:devices/* | *:noiommu-*) ;; *) ids="$ids|${node#*:}" ;; esac
    done
    pattern="<address (${elements#|})|^(hostpci[0-9]+|args):.*[^0-9a-f:](${options#|})([^0-9a-f:.]|\$)|\"deviceids\":[^}]*\"(${ids#|})\"[],]"
}
