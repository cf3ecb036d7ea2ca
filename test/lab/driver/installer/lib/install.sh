# Putting everything in its place. /var/lib/nvidia is the database by which an uninstall goes: `log` names the version and
# each file and folder that the installation made; files that were in the way are kept there under numbers.

database=/var/lib/nvidia
standin=/usr/lib/nvidia/standin
units=/lib/systemd/system

remove_old_driver() {
	installed=$(installed_version) || return 0
	say "Uninstalling the previous installation with /usr/bin/nvidia-uninstall."
	if [ -x /usr/bin/nvidia-uninstall ]; then run /usr/bin/nvidia-uninstall -s --skip-module-unload; else remove_installed; fi
}

install_files() {
	mkdir -p $database
	root=$build_dir/root
	if [ -z "$kernel_only" ]; then
		{ echo "$VERSION"; echo "$product (test-lab stand-in)"; } > $database/log
		lay_out_files
	fi
	lay_out_modules
	note_files
	cp -dR --preserve=mode,timestamps "$build_dir/root/." /
	run depmod "$kernel"
	[ -z "$systemd" ] || [ "$VGPU" != 1 ] || run systemctl daemon-reload
	rm -rf "$build_dir"
	progress "Installing '$product' ($VERSION):" "Installing"
	say "Driver file installation is complete."
}

# The tree as it will be, below $build_dir/root: one copy then puts all of it in place.
lay_out_files() {
	mkdir -p "$root/usr/bin" "$root$standin/tools"
	cp -R "$here/package" "$here/nvidia-installer" "$here/lib" "$here/tables" "$root$standin/"
	cp -R "$here/tools/NvidiaSmi" "$root$standin/tools/"
	cp "$here/tools/nvidia-smi" "$root/usr/bin/"
	ln -s $standin/nvidia-installer "$root/usr/bin/nvidia-installer"
	ln -s nvidia-installer "$root/usr/bin/nvidia-uninstall"
	[ "$VGPU" != 1 ] || lay_out_vgpu_files
}

# DKMS puts those in place that are registered with it.
lay_out_modules() {
	mkdir -p "$root"
	[ -z "$registered" ] || return 0
	video=$root/usr/lib/modules/$kernel/kernel/drivers/video
	mkdir -p "$video"
	for module in $modules; do cp "$build_dir/$module.ko" "$video/"; done
}

lay_out_vgpu_files() {
	cp "$here/tools/nvidia-vgpud" "$here/tools/nvidia-vgpu-mgr" "$root/usr/bin/"
	cp "$here/tools/sriov-manage" "$root/usr/lib/nvidia/"
	[ -n "$systemd" ] || return 0
	wants=$root/etc/systemd/system/multi-user.target.wants
	mkdir -p "$root/usr$units" "$wants"
	cp "$here"/services/*.service "$root/usr$units/"
	for unit in nvidia-vgpud.service nvidia-vgpu-mgr.service; do ln -s $units/$unit "$wants/$unit"; done
}

# Notes what the copy will make, and moves what is in its way aside.
note_files() {
	number=$((100 + $(ls $database | wc -l)))
	(cd "$root" && find . -mindepth 1 \( -type d -printf 'directory /%P\n' \) -o -printf 'file /%P\n') > "$build_dir/made"
	while read -r kind_of_file path; do
		case $kind_of_file in
		directory) [ -d "$path" ] || echo "directory $path";;
		file)
			if [ -e "$path" ]; then
				mv "$path" $database/$number
				echo "backup $number $path"
				number=$((number + 1))
			fi
			echo "file $path";;
		esac
	done < "$build_dir/made" >> $database/log
}

# nvidia-vgpu-vfio brings nvidia with it.
load_modules() {
	[ -n "$module_load" ] || return 0
	module=${modules##* }
	if run modprobe "$module"; then return 0; fi
	error "Unable to load the '$module' kernel module."
	log_kernel_messages
	fail
}

check_installed() {
	installed=$(installed_version) || { show "There is no NVIDIA driver currently installed."; return 1; }
	while read -r kind_of_file path; do
		[ "$kind_of_file" != file ] || [ -e "$path" ] || [ -L "$path" ] || { show "The file '$path' is missing."; return 1; }
	done < $database/log
	[ $action != install ] || progress "Running post-install sanity check:" "Checking"
	[ $action != install ] || say "Post-install sanity check passed."
}

suggest_reboot() {
	reasons=''
	[ -z "${loaded-}" ] || reasons="
  * Existing NVIDIA kernel modules were loaded during installation, and are likely still loaded."
	[ ! -d /sys/module/nouveau ] || reasons="$reasons
  * Nouveau is running: an attempt to disable it takes effect with the next boot."
	[ -z "$reasons" ] || warn "It is strongly recommended that you reboot your computer after exiting the installer, because of the following:
$reasons"
}

installed_version() { [ -e $database/log ] && head -n 1 $database/log; }

show_installed() {
	if installed=$(installed_version); then echo "The currently installed driver is: '$product' (version: $installed)."
	else echo "There is no NVIDIA driver currently installed."; fi
}
