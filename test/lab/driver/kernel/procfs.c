// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/driver/nvidia: `version` and `gpus/<address>/` in the form of the real driver, and `standin/`, which the real
 * one does not have: what the stand-in's own userland (nvidia-smi, nvidia-vgpud) reads and writes.
 */
static unsigned int lab_unbindlock_busy;
module_param(lab_unbindlock_busy, uint, 0644);
MODULE_PARM_DESC(lab_unbindlock_busy, "refuse the next n attempts to take an unbindLock");

static struct proc_dir_entry *nv_proc, *nv_proc_gpus;
static const struct nv_vgpu_ops *nv_vgpu_ops;	/* under nv_lock */

static int nv_version_show(struct seq_file *out, void *unused)
{
	seq_printf(out, "NVRM version: NVIDIA UNIX %s  %s  Release Build  (test-lab stand-in)\n",
		   NV_OPEN ? "Open Kernel Module for x86_64" : "x86_64 Kernel Module", NV_VERSION);
	seq_printf(out, "GCC version:  gcc version %d.%d.%d\n", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
	return 0;
}

static int nv_information_show(struct seq_file *out, void *unused)
{
	struct nv_gpu *gpu = out->private;

	seq_printf(out, "Model: \t\t %s\nIRQ:   \t\t %d\nGPU UUID: \t %s\n", gpu->card->name, gpu->pdev->irq, gpu->uuid);
	seq_printf(out, "Video BIOS: \t ??.??.??.??.??\nBus Type: \t PCIe\nDMA Size: \t 47 bits\n");
	seq_printf(out, "Bus Location: \t %s\nDevice Minor: \t %d\nGPU Firmware: \t %s\nGPU Excluded:\t No\n",
		   gpu->bdf, gpu->minor, NV_VERSION);
	return 0;
}

static int nv_empty_show(struct seq_file *out, void *unused)
{
	return 0;
}

static int nv_unbind_lock_show(struct seq_file *out, void *unused)
{
	struct nv_gpu *gpu = out->private;

	seq_printf(out, "%d\n", gpu->unbind_locked);
	return 0;
}

static int nv_unbind_lock_open(struct inode *inode, struct file *file)
{
	return single_open(file, nv_unbind_lock_show, pde_data(inode));
}

/* Writing 1 asks for the lock; reading back tells whether it was given (kernel-open/nvidia/nv-procfs.c). */
static ssize_t nv_unbind_lock_write(struct file *file, const char __user *text, size_t length, loff_t *at)
{
	struct nv_gpu *gpu = pde_data(file_inode(file));
	bool wanted;
	int err = kstrtobool_from_user(text, length, &wanted);

	if (err)
		return err;
	mutex_lock(&nv_lock);
	if (!wanted) {
		gpu->unbind_locked = false;
		pci_info(gpu->pdev, "NVRM: UnbindLock released\n");
	} else if (gpu->clients || lab_unbindlock_busy) {
		if (lab_unbindlock_busy)
			lab_unbindlock_busy--;
		pci_info(gpu->pdev, "NVRM: Could not acquire UnbindLock\n");
	} else {
		gpu->unbind_locked = true;
		pci_info(gpu->pdev, "NVRM: UnbindLock acquired\n");
	}
	mutex_unlock(&nv_lock);
	return length;
}

static const struct proc_ops nv_unbind_lock_ops = {
	.proc_open = nv_unbind_lock_open, .proc_read = seq_read, .proc_write = nv_unbind_lock_write,
	.proc_lseek = seq_lseek, .proc_release = single_release,
};

static void nv_procfs_add_gpu(struct nv_gpu *gpu)
{
	gpu->proc = proc_mkdir(gpu->bdf, nv_proc_gpus);
	proc_create_single_data("information", 0444, gpu->proc, nv_information_show, gpu);
	proc_create_single_data("power", 0444, gpu->proc, nv_empty_show, gpu);
	proc_create_single_data("registry", 0444, gpu->proc, nv_empty_show, gpu);
	proc_create_data("unbindLock", 0600, gpu->proc, &nv_unbind_lock_ops, gpu);
}

static int nv_standin_gpus_show(struct seq_file *out, void *unused)
{
	struct nv_gpu *gpu;

	mutex_lock(&nv_lock);
	list_for_each_entry(gpu, &nv_gpus, list)
		seq_printf(out, "bdf=%s minor=%d device=%04x subdevice=%04x uuid=%s fb=%u fbused=0 arch=%s vfs=%d totalvfs=%d "
				"vgpumode=%s mig=%d migcap=%d hetero=%c lost=%d refused=%d name=%s\n",
			   gpu->bdf, gpu->minor, gpu->card->device, gpu->card->subdevice, gpu->uuid, gpu->card->fb_mib,
			   gpu->card->architecture, pci_num_vf(gpu->pdev), pci_sriov_get_totalvfs(gpu->pdev),
			   !NV_VGPU ? "none" : nv_is_sriov(gpu) ? "sriov" : "nonsriov", gpu->mig, gpu->card->mig,
			   nv_is_sriov(gpu) ? '0' + gpu->hetero : '-', gpu->lost, nv_is_refused(gpu), gpu->card->name);
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

static int nv_standin_instances_show(struct seq_file *out, void *unused)
{
	struct nv_gpu *gpu;
	unsigned int i;

	mutex_lock(&nv_lock);
	list_for_each_entry(gpu, &nv_gpus, list)
		for (i = 0; i < NV_MAX_INSTANCES; i++)
			if (gpu->instances[i].used)
				seq_printf(out, "gpu=%s gi=%d profile=%d vgpus=%u\n", gpu->bdf, gpu->instances[i].id,
					   gpu->instances[i].profile, gpu->instances[i].vgpus);
	mutex_unlock(&nv_lock);
	return 0;
}

static int nv_obey(const char *verb, struct nv_gpu *gpu, const char *argument)
{
	int number;

	if (!strcmp(verb, "gi-destroy") && !strcmp(argument, "all"))
		return nv_destroy_instances(gpu, 0, true);
	if (kstrtoint(argument, 10, &number))
		return -EINVAL;
	if (!strcmp(verb, "mig"))
		return nv_set_mig(gpu, number);
	if (!strcmp(verb, "hetero"))
		return nv_set_hetero(gpu, number);
	if (!strcmp(verb, "gi-create"))
		return nv_create_instance(gpu, number);
	if (!strcmp(verb, "gi-destroy"))
		return nv_destroy_instances(gpu, number, false);
	return -EINVAL;
}

/* One command a write: `mig <address> 0|1`, `hetero <address> 0|1`, `gi-create <address> <profile>`, `gi-destroy <address> <id>|all`. */
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

static int nv_procfs_init(void)
{
	struct proc_dir_entry *standin;

	nv_proc = proc_mkdir("driver/nvidia", NULL);
	if (!nv_proc)
		return -ENOMEM;
	nv_proc_gpus = proc_mkdir("gpus", nv_proc);
	standin = proc_mkdir("standin", nv_proc);
	proc_create_single("version", 0444, nv_proc, nv_version_show);
	proc_create_single("gpus", 0444, standin, nv_standin_gpus_show);
	proc_create_single("vgpus", 0444, standin, nv_standin_vgpus_show);
	proc_create_single("instances", 0444, standin, nv_standin_instances_show);
	proc_create("control", 0200, standin, &nv_standin_control_ops);
	return 0;
}

static void nv_procfs_exit(void)
{
	proc_remove(nv_proc);
}
