// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/driver/nvidia/capabilities, which says what nodes /dev/nvidia-caps/nvidia-cap<minor> open what of a GPU in MIG mode. The driver
 * makes no nodes: nvidia-smi does (B113). Minors are those of NVIDIA's MIG User Guide: 1 config, 2 monitor, 3 gpu0/gi0, 4 gpu0/gi0/ci0.
 */
#define NV_CAPS_OF_INSTANCE 9	/* its own, and those of eight compute instances */
#define NV_CAPS_OF_GPU (15 * NV_CAPS_OF_INSTANCE)
#define NV_CAPS_MINORS (3 + 32 * NV_CAPS_OF_GPU)

static struct proc_dir_entry *nv_caps;
static int nv_caps_major;

static int nv_caps_show(struct seq_file *out, void *unused)
{
	seq_printf(out, "DeviceFileMinor: %ld\nDeviceFileMode: 256\nDeviceFileModify: 1\n", (long)out->private);
	return 0;
}

static void nv_caps_add(const char *name, struct proc_dir_entry *folder, long minor)
{
	proc_create_single_data(name, 0444, folder, nv_caps_show, (void *)minor);
}

static void nv_caps_add_gpu(struct nv_gpu *gpu)
{
	char name[16];

	snprintf(name, sizeof(name), "gpu%d", gpu->minor);
	gpu->caps = proc_mkdir(name, nv_caps);
	proc_mkdir("mig", gpu->caps);
}

static void nv_caps_remove(struct nv_instance *instance)
{
	proc_remove(instance->caps);
	instance->caps = NULL;
}

static void nv_caps_remove_all(struct nv_gpu *gpu)
{
	unsigned int i;

	for (i = 0; i < NV_MAX_INSTANCES; i++)
		nv_caps_remove(&gpu->instances[i]);
}

/* Anew, since a compute instance came or went. */
static void nv_caps_update(struct nv_gpu *gpu, struct nv_instance *instance)
{
	long minor = 3 + gpu->minor * NV_CAPS_OF_GPU + instance->id * NV_CAPS_OF_INSTANCE;
	char name[16];

	nv_caps_remove(instance);
	snprintf(name, sizeof(name), "mig/gi%d", instance->id);
	instance->caps = proc_mkdir(name, gpu->caps);
	nv_caps_add("access", instance->caps, minor);
	if (instance->compute)
		nv_caps_add("access", proc_mkdir("ci0", instance->caps), minor + 1);
}

static const struct file_operations nv_caps_ops = { .owner = THIS_MODULE };

static int nv_caps_init(struct proc_dir_entry *parent)
{
	struct proc_dir_entry *mig;

	nv_caps_major = __register_chrdev(0, 0, NV_CAPS_MINORS, "nvidia-caps", &nv_caps_ops);
	if (nv_caps_major < 0)
		return nv_caps_major;
	nv_caps = proc_mkdir("capabilities", parent);
	mig = proc_mkdir("mig", nv_caps);
	nv_caps_add("config", mig, 1);
	nv_caps_add("monitor", mig, 2);
	return 0;
}

static void nv_caps_exit(void)
{
	__unregister_chrdev(nv_caps_major, 0, NV_CAPS_MINORS, "nvidia-caps");
}
