# What the PCI bus holds, by the package's table of the cards that its branch knows:
# device <tab> subdevice <tab> architecture <tab> vgpu <tab> min_branch <tab> max_branch <tab> name

# Sets cards (GPUs that this branch knows), old_cards (those up to Ampere) and new_cards (from Ada on).
scan_cards() {
	cards='' old_cards='' new_cards=''
	for directory in /sys/bus/pci/devices/*; do
		read -r vendor < "$directory/vendor"
		[ "$vendor" = 0x10de ] && [ ! -e "$directory/physfn" ] || continue
		read -r device < "$directory/device"
		count_card "${device#0x}"
	done
}

count_card() {
	while read -r device _ architecture _; do
		[ "$device" = "$1" ] || continue
		cards=1
		case $architecture in
		Pascal|Volta|Turing|Ampere) old_cards=1;;
		*) new_cards=1;;
		esac
		return 0
	done < "$here/tables/cards.tsv"
}

check_for_cards() {
	scan_cards
	[ -z "$cards" ] || return 0
	warn "You do not appear to have an NVIDIA GPU supported by the $VERSION NVIDIA Linux graphics driver installed in this system."
	module_load=''
}

# A vGPU host package drives cards up to Ampere with its proprietary modules and newer ones with its open modules (R550
# and later). On a host with both, open modules are taken and the older cards ignored. The data-centre driver's open
# modules drive all that the lab has.
choose_kind() {
	[ -n "${cards-}" ] || scan_cards
	kind=proprietary
	if [ "$VGPU" = 1 ]; then [ "$BRANCH" -lt 550 ] || [ -z "$new_cards" ] || kind=open
	elif [ "$BRANCH" -ge 560 ]; then kind=open; fi
	[ -z "$wanted_kind" ] || force_kind
	if [ "$VGPU" = 1 ] && [ "$kind" = open ] && [ -n "$new_cards" ] && [ -n "$old_cards" ]; then
		warn "The open kernel modules do not support all GPUs of this system; those that are not supported will be ignored."
	fi
	# mdev is linked in where a card of this host needs it: cards from Ada on use type files (R550 and later).
	mdev=1
	if [ "$BRANCH" -ge 550 ] && [ -z "$old_cards" ]; then mdev=0; fi
}

force_kind() {
	case $wanted_kind in open|proprietary) ;; *) fail "'$wanted_kind' is not a valid kernel module type.";; esac
	if [ "$VGPU" = 1 ] && [ "$wanted_kind" != "$kind" ]; then
		warn "The $wanted_kind kernel modules are incompatible with the GPU(s) detected on this system. They will be installed anyway, but the GPU(s) will not work."
	fi
	kind=$wanted_kind
}
