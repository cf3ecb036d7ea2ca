# Compiling the kernel modules, and loading one once to see that it loads.

modules='nvidia'
[ "$VGPU" != 1 ] || modules='nvidia nvidia-vgpu-vfio'

# Variables of the kernel part's Kbuild.
build_variables() {
	echo "NV_VERSION=$VERSION NV_BRANCH=$BRANCH NV_VGPU=$VGPU NV_MDEV=$mdev NV_OPEN=$([ "$kind" != open ]; echo $?)"
}

build_modules() {
	build_dir=$(mktemp -d "$tmpdir/nvidia-installer.XXXXXX") || fail "Unable to create a temporary directory in '$tmpdir'."
	say "Cleaning kernel module build directory."
	cp "$here"/kernel/* "$build_dir/" || fail "Unable to copy the kernel module sources to '$build_dir'."
	if fault build-fails; then sed -i '1i #error "a kernel that this branch does not know"' "$build_dir/nvidia.c"; fi
	say "Building kernel modules"
	# Without debugging information, which takes long and makes the modules ten times larger; -O1 saves a sixth of the time.
	# shellcheck disable=SC2046
	run make -C "$kernel_source" M="$build_dir" -j"$cpus" KCFLAGS="-g0 -O1" $(build_variables) modules ||
		fail "An error occurred while performing the step: \"Building kernel modules\". See $log_file for details."
	show "  Building: [##############################] 100%"
	say "Kernel module compilation complete."
}

sign_modules() {
	if [ -z "$secret_key" ] || [ -z "$public_key" ]; then return 0; fi
	for module in $modules; do
		run "$kernel_source/scripts/sign-file" "${hash:-sha256}" "$secret_key" "$public_key" "$build_dir/$module.ko" ||
			fail "Unable to sign the kernel module '$module.ko'."
	done
	say "Signed kernel modules."
}

test_load() {
	# A driver that uses the GPUs leaves nothing to test.
	[ ! -d /sys/module/nouveau ] || module_load=''
	[ -n "$module_load" ] || return 0
	if reason=$(insmod "$build_dir/nvidia.ko" 2>&1); then rmmod nvidia; return 0; fi
	error "Unable to load the kernel module 'nvidia.ko'.  This happens most frequently when this kernel module was built against the wrong or improperly configured kernel sources, or if another driver, such as nouveau, is present and prevents the NVIDIA kernel module from obtaining ownership of the NVIDIA device(s)."
	say "Kernel module load error: ${reason##*: }"
	log_kernel_messages
	fail
}

log_kernel_messages() {
	say "Kernel messages:"
	dmesg | tail -n 10 >> "$log_file"
}
