// SPDX-License-Identifier: GPL-2.0-only
/* /proc/driver/nvidia/standin, which the real driver does not have: what the stand-in's own userland reads and writes. */
static const struct nv_vgpu_ops *nv_vgpu_ops;	/* under nv_lock */

static int nv_standin_gpus_show(struct seq_file *out, void *unused)
{
	struct nv_gpu *gpu;

	mutex_lock(&nv_lock);
	list_for_each_entry(gpu, &nv_gpus, list)
		seq_printf(out, "bdf=%s minor=%d device=%04x subdevice=%04x uuid=%s fb=%u fbused=0 arch=%s vfs=%d totalvfs=%d "
				"vgpumode=%s mig=%d pending=%d migcap=%d inforom=%d hetero=%c accounting=%d lost=%d refused=%d name=%s\n",
			   gpu->bdf, gpu->minor, gpu->card->device, gpu->card->subdevice, gpu->uuid, gpu->card->fb_mib,
			   gpu->card->architecture, pci_num_vf(gpu->pdev), pci_sriov_get_totalvfs(gpu->pdev),
			   !NV_VGPU ? "none" : nv_is_sriov(gpu) ? "sriov" : "nonsriov", gpu->mig, gpu->mig_pending,
			   nv_has_mig(gpu), nv_has_inforom(gpu), nv_is_sriov(gpu) ? '0' + gpu->hetero : '-', gpu->accounting, gpu->lost, nv_is_refused(gpu), gpu->card->name);
	mutex_unlock(&nv_lock);
	return 0;
}

static int nv_standin_vgpus_show(struct seq_file *out, void *unused)
{
	struct nv_gpu *gpu;

	mutex_lock(&nv_lock);
	list_for_each_entry(gpu, &nv_gpus, list)
		if (nv_vgpu_ops)
			nv_vgpu_ops->show(out, gpu);
	mutex_unlock(&nv_lock);
	return 0;
}

static int nv_standin_types_show(struct seq_file *out, void *unused)
{
	struct nv_gpu *gpu;

	mutex_lock(&nv_lock);
	list_for_each_entry(gpu, &nv_gpus, list)
		if (nv_vgpu_ops)
			nv_vgpu_ops->show_types(out, gpu);
	mutex_unlock(&nv_lock);
	return 0;
}

/* How many more GPU instances of each profile can be created. */
static int nv_standin_profiles_show(struct seq_file *out, void *unused)
{
	struct nv_gpu *gpu;
	unsigned int i;

	mutex_lock(&nv_lock);
	list_for_each_entry(gpu, &nv_gpus, list)
		for (i = 0; i < ARRAY_SIZE(nv_gi_profiles); i++)
			if (nv_gi_profiles[i].device == gpu->card->device)
				seq_printf(out, "gpu=%s profile=%d free=%u\n", gpu->bdf, nv_gi_profiles[i].id, nv_free(gpu, &nv_gi_profiles[i]));
	mutex_unlock(&nv_lock);
	return 0;
}

static int nv_standin_instances_show(struct seq_file *out, void *unused)
{
	struct nv_gpu *gpu;
	unsigned int i;

	mutex_lock(&nv_lock);
	list_for_each_entry(gpu, &nv_gpus, list)
		for (i = 0; i < NV_MAX_INSTANCES; i++)
			if (gpu->instances[i].used)
				seq_printf(out, "gpu=%s gi=%d profile=%d start=%u size=%u compute=%d vgpus=%u\n", gpu->bdf,
					   gpu->instances[i].id, gpu->instances[i].profile, gpu->instances[i].start,
					   gpu->instances[i].size, gpu->instances[i].compute, gpu->instances[i].vgpus);
	mutex_unlock(&nv_lock);
	return 0;
}

static int nv_obey(const char *verb, struct nv_gpu *gpu, const char *argument)
{
	int number, start = -1;

	if (!strcmp(verb, "gi-create"))
		return sscanf(argument, "%d:%d", &number, &start) < 1 ? -EINVAL : nv_create_instance(gpu, number, start);
	if (kstrtoint(argument, 10, &number))
		return -EINVAL;
	if (!strcmp(verb, "mig"))
		return nv_set_mig(gpu, number);
	if (!strcmp(verb, "reset"))
		return nv_reset(gpu);
	if (!strcmp(verb, "hetero"))
		return nv_set_hetero(gpu, number);
	if (!strcmp(verb, "accounting"))
		return nv_set_accounting(gpu, number);
	if (!strcmp(verb, "gi-destroy"))
		return nv_destroy_instance(gpu, number);
	if (!strcmp(verb, "ci-create") || !strcmp(verb, "ci-destroy"))
		return nv_set_compute(gpu, number, !strcmp(verb, "ci-create"));
	return -EINVAL;
}

/* One command a write, `<verb> <address> <argument>`: `mig 0|1`, `reset 0`, `hetero 0|1`, `accounting 0|1`,
 * `gi-create <profile>[:<slice>]`, `gi-destroy <id>`, `ci-create <id>`, `ci-destroy <id>`. */
static ssize_t nv_standin_control_write(struct file *file, const char __user *text, size_t length, loff_t *at)
{
	char command[64] = "", verb[16], bdf[16], argument[16];
	struct nv_gpu *gpu;
	int err;

	if (length >= sizeof(command) || copy_from_user(command, text, length))
		return -EINVAL;
	if (sscanf(command, "%15s %15s %15s", verb, bdf, argument) != 3)
		return -EINVAL;
	mutex_lock(&nv_lock);
	gpu = nv_find_gpu(bdf);
	err = gpu ? nv_obey(verb, gpu, argument) : -ENODEV;
	mutex_unlock(&nv_lock);
	return err ?: length;
}

static const struct proc_ops nv_standin_control_ops = { .proc_write = nv_standin_control_write };

static void nv_standin_init(struct proc_dir_entry *standin)
{
	proc_create_single("gpus", 0444, standin, nv_standin_gpus_show);
	proc_create_single("vgpus", 0444, standin, nv_standin_vgpus_show);
	proc_create_single("types", 0444, standin, nv_standin_types_show);
	proc_create_single("profiles", 0444, standin, nv_standin_profiles_show);
	proc_create_single("instances", 0444, standin, nv_standin_instances_show);
	proc_create("control", 0200, standin, &nv_standin_control_ops);
}
