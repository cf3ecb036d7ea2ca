// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/nvidiactl and /dev/nvidia<minor>. An open handle on the second is an NVML client of that GPU: nvidia-smi, an
 * exporter, nvidia-persistenced. While there is one, the unbindLock is not given (B34).
 */
#define NV_MAJOR 195
#define NV_CTL_MINOR 255
#define NV_MAX_MINOR 32

static struct class *nv_class;

struct nv_client {
	struct nv_gpu *gpu;
	bool yields;
};

/* nvidia-smi -mig comes to terms with these; a reset and sriov-manage do not (B140). */
static bool nv_yields(void)
{
	return strstarts(current->comm, "nvidia-persist") || strstarts(current->comm, "nv-fabricmanag");
}

/* Under nv_lock. */
static void nv_client_count(const struct nv_client *client, int by)
{
	client->gpu->clients += by;
	client->gpu->yielding += client->yields ? by : 0;
}

static int nv_node_open(struct inode *inode, struct file *file)
{
	struct nv_client *client = kzalloc(sizeof(*client), GFP_KERNEL);
	struct nv_gpu *gpu, *found = NULL;
	int minor = iminor(inode), err = minor == NV_CTL_MINOR ? 0 : -ENODEV;

	if (!client)
		return -ENOMEM;
	mutex_lock(&nv_lock);
	list_for_each_entry(gpu, &nv_gpus, list)
		if (gpu->minor == minor)
			found = gpu;
	if (found && (found->unbind_locked || found->lost)) {
		err = -EIO;
	} else if (found) {
		*client = (struct nv_client){ .gpu = found, .yields = nv_yields() };
		nv_client_count(client, 1);
		nv_gpu_get(found);
		err = 0;
	}
	mutex_unlock(&nv_lock);
	if (err)
		kfree(client);
	else
		file->private_data = client;
	return err;
}

static int nv_node_release(struct inode *inode, struct file *file)
{
	struct nv_client *client = file->private_data;

	if (client->gpu) {
		mutex_lock(&nv_lock);
		nv_client_count(client, -1);
		mutex_unlock(&nv_lock);
		nv_gpu_put(client->gpu);
	}
	kfree(client);
	return 0;
}

static const struct file_operations nv_node_ops = {
	.owner = THIS_MODULE, .open = nv_node_open, .release = nv_node_release,
};

static char *nv_devnode(struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = 0666;
	return NULL;
}

/* Takes the lowest free minor, as the real driver numbers its GPUs; under nv_lock. */
static int nv_node_create(struct nv_gpu *gpu)
{
	DECLARE_BITMAP(taken, NV_MAX_MINOR) = { 0 };
	struct nv_gpu *other;

	list_for_each_entry(other, &nv_gpus, list)
		__set_bit(other->minor, taken);
	gpu->minor = find_first_zero_bit(taken, NV_MAX_MINOR);
	if (gpu->minor == NV_MAX_MINOR)
		return -ENOSPC;
	return PTR_ERR_OR_ZERO(device_create(nv_class, NULL, MKDEV(NV_MAJOR, gpu->minor), NULL, "nvidia%d", gpu->minor));
}

static void nv_node_destroy(struct nv_gpu *gpu)
{
	device_destroy(nv_class, MKDEV(NV_MAJOR, gpu->minor));
}

static int nv_nodes_init(void)
{
	int err = register_chrdev(NV_MAJOR, "nvidia", &nv_node_ops);

	if (err)
		return err;
	nv_class = class_create(THIS_MODULE, "nvidia");
	if (IS_ERR(nv_class)) {
		unregister_chrdev(NV_MAJOR, "nvidia");
		return PTR_ERR(nv_class);
	}
	nv_class->devnode = nv_devnode;
	device_create(nv_class, NULL, MKDEV(NV_MAJOR, NV_CTL_MINOR), NULL, "nvidiactl");
	return 0;
}

static void nv_nodes_exit(void)
{
	device_destroy(nv_class, MKDEV(NV_MAJOR, NV_CTL_MINOR));
	class_destroy(nv_class);
	unregister_chrdev(NV_MAJOR, "nvidia");
}
