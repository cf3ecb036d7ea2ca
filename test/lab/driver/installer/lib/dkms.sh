# DKMS, which builds the modules anew for each new kernel. Up to R510 only when asked for, from R525 on wherever there is
# a dkms. When it fails the driver works all the same, until the next kernel (B09).

# Puts the modules, which are built already, into DKMS' tree; it installs them from there.
register_with_dkms() {
	registered=''
	[ -n "$dkms" ] || return 0
	if ! command -v dkms > /dev/null && ! fault dkms-fails; then return 0; fi
	if ! fault dkms-fails && dkms_load && run dkms install -m nvidia -v "$VERSION" -k "$kernel" --force; then
		registered=1
		progress "Registering the kernel modules with DKMS:" "Registering"
		return 0
	fi
	warn "Failed to register the NVIDIA kernel modules with DKMS. The NVIDIA kernel modules were installed, but will not be automatically rebuilt if you change your kernel."
}

dkms_load() {
	tree=$build_dir/dkms
	built=$tree/dkms_main_tree/$kernel/x86_64
	mkdir -p "$tree/dkms_source_tree" "$built/module" "$built/log"
	cp "$here"/kernel/* "$tree/dkms_source_tree/"
	dkms_configuration > "$tree/dkms_source_tree/dkms.conf"
	for module in $modules; do cp "$build_dir/$module.ko" "$built/module/"; done
	cp "$log_file" "$built/log/make.log"
	run tar -C "$tree" -cf "$build_dir/dkms.tar" . && run dkms ldtarball "$build_dir/dkms.tar" --force
}

dkms_configuration() {
	echo "PACKAGE_NAME=nvidia"
	echo "PACKAGE_VERSION=$VERSION"
	echo "AUTOINSTALL=yes"
	echo "MAKE[0]=\"make -C \${kernel_source_dir} M=\${dkms_tree}/nvidia/$VERSION/build KCFLAGS='-g0 -O1' $(build_variables) modules\""
	index=0
	for module in $modules; do
		echo "BUILT_MODULE_NAME[$index]=$module"
		echo "DEST_MODULE_LOCATION[$index]=/kernel/drivers/video"
		index=$((index + 1))
	done
}

unregister_from_dkms() {
	command -v dkms > /dev/null && [ -d "/var/lib/dkms/nvidia/$1" ] || return 0
	run dkms remove -m nvidia -v "$1" --all
	rm -rf "/usr/src/nvidia-$1"
}
