// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/nvidia-vgpuctl: nvidia-vgpu-mgr keeps it open for reading and writing as long as it lives, nvidia-vgpud opens it
 * for writing, puts the type table in, a line a write, and ends with `commit`.
 */
static int vgpu_ctl_open(struct inode *inode, struct file *file)
{
	if (file->f_mode & FMODE_READ)
		atomic_inc(&vgpu_managers);
	return 0;
}

static int vgpu_ctl_release(struct inode *inode, struct file *file)
{
	if (file->f_mode & FMODE_READ)
		atomic_dec(&vgpu_managers);
	return 0;
}

static int vgpu_ctl_obey(char *line)
{
	int err;

	if (!strcmp(line, "commit")) {
		vgpu_offer_all();
		return 0;
	}
	mutex_lock(&nv_lock);
	err = vgpu_add_type(line);
	mutex_unlock(&nv_lock);
	return err;
}

static ssize_t vgpu_ctl_write(struct file *file, const char __user *text, size_t length, loff_t *at)
{
	char *line = memdup_user_nul(text, min_t(size_t, length, 256));
	int err;

	if (IS_ERR(line))
		return PTR_ERR(line);
	err = vgpu_ctl_obey(strim(line));
	kfree(line);
	return err ?: length;
}

static const struct file_operations vgpu_ctl_ops = {
	.owner = THIS_MODULE, .open = vgpu_ctl_open, .release = vgpu_ctl_release, .write = vgpu_ctl_write,
};

static struct miscdevice vgpu_ctl_node = {
	.minor = MISC_DYNAMIC_MINOR, .name = "nvidia-vgpuctl", .fops = &vgpu_ctl_ops, .mode = 0600,
};
