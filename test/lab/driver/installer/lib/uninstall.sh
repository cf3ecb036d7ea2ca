# Taking an installation away, by the list of what it made.

# Ends with 0 also when there is nothing to uninstall (B14).
uninstall_by_user() {
	: "${log_file:=/var/log/nvidia-uninstall.log}"
	open_log "$@"
	as_root
	if ! installed=$(installed_version); then
		say "There is no NVIDIA driver currently installed."
		[ -z "$silent" ] || echo "There is no NVIDIA driver currently installed."
		return 0
	fi
	unload=$(unload_before_uninstall)
	remove_installed
	[ -z "$unload" ] || warn "The kernel module '$unload' is in use and stays loaded until it is unloaded or the system reboots."
	message "Uninstallation of existing driver: $product ($installed) is complete."
}

unload_before_uninstall() {
	[ -n "$skip_unload" ] && return 0
	for unit in nvidia-vgpu-mgr nvidia-vgpud; do
		[ ! -e $units/$unit.service ] || run systemctl stop $unit
	done
	unload_modules
}

remove_installed() {
	unregister_from_dkms "$installed"
	sed -n 's/^file //p' $database/log | xargs -r rm -f
	sed -n 's/^directory //p' $database/log | sort -r | xargs -r rmdir 2> /dev/null
	grep '^backup ' $database/log | while read -r _ number path; do mv $database/"$number" "$path"; done
	rm -rf $database
	run depmod "$kernel"
	run systemctl daemon-reload
	return 0
}
