// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/driver/nvidia: `version` and `gpus/<address>/` in the form of the real driver.
 */
static unsigned int lab_unbindlock_busy;
module_param(lab_unbindlock_busy, uint, 0644);
MODULE_PARM_DESC(lab_unbindlock_busy, "refuse the next n attempts to take an unbindLock");

static struct proc_dir_entry *nv_proc, *nv_proc_gpus;

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
	nv_caps_add_gpu(gpu);
	gpu->proc = proc_mkdir(gpu->bdf, nv_proc_gpus);
	proc_create_single_data("information", 0444, gpu->proc, nv_information_show, gpu);
	proc_create_single_data("power", 0444, gpu->proc, nv_empty_show, gpu);
	proc_create_single_data("registry", 0444, gpu->proc, nv_empty_show, gpu);
	proc_create_data("unbindLock", 0600, gpu->proc, &nv_unbind_lock_ops, gpu);
}

static void nv_procfs_remove_gpu(struct nv_gpu *gpu)
{
	proc_remove(gpu->caps);
	proc_remove(gpu->proc);
}

static int nv_procfs_init(void)
{
	nv_proc = proc_mkdir("driver/nvidia", NULL);
	if (!nv_proc)
		return -ENOMEM;
	nv_proc_gpus = proc_mkdir("gpus", nv_proc);
	nv_standin_init(proc_mkdir("standin", nv_proc));
	proc_create_single("version", 0444, nv_proc, nv_version_show);
	return nv_caps_init(nv_proc);
}

static void nv_procfs_exit(void)
{
	nv_caps_exit();
	proc_remove(nv_proc);
}
