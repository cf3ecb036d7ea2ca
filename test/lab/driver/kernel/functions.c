// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions that can carry vGPUs, and handing them to nvidia-vgpu-vfio.ko, whichever comes first: module or
 * function. nv_functions_lock orders both, and may be held while the vGPU side waits for a VM to let go.
 */
static DEFINE_MUTEX(nv_functions_lock);
static LIST_HEAD(nv_functions);

static struct nv_function *nv_add_function(struct pci_dev *pdev, struct nv_gpu *gpu)
{
	struct nv_function *function = kzalloc(sizeof(*function), GFP_KERNEL);

	if (!function)
		return ERR_PTR(-ENOMEM);
	function->pdev = pdev;
	function->gpu = gpu;
	if (pdev->is_virtfn)
		function->rebound = test_and_set_bit(pdev->devfn, gpu->vfs_seen);
	nv_gpu_get(gpu);
	mutex_lock(&nv_functions_lock);
	list_add_tail(&function->list, &nv_functions);
	if (nv_vgpu_ops)
		nv_vgpu_ops->add(function);
	mutex_unlock(&nv_functions_lock);
	return function;
}

static void nv_remove_function(struct nv_function *function)
{
	mutex_lock(&nv_functions_lock);
	list_del(&function->list);
	if (nv_vgpu_ops)
		nv_vgpu_ops->remove(function);
	mutex_unlock(&nv_functions_lock);
	nv_gpu_put(function->gpu);
	kfree(function);
}

static struct nv_function *nv_find_function(const struct pci_dev *pdev)
{
	struct nv_function *function, *found = NULL;

	mutex_lock(&nv_functions_lock);
	list_for_each_entry(function, &nv_functions, list)
		if (function->pdev == pdev)
			found = function;
	mutex_unlock(&nv_functions_lock);
	return found;
}

static void nv_set_vgpu_ops(const struct nv_vgpu_ops *ops)
{
	mutex_lock(&nv_lock);
	nv_vgpu_ops = ops;
	mutex_unlock(&nv_lock);
}

int nv_register_vgpu_ops(const struct nv_vgpu_ops *ops)
{
	struct nv_function *function;

	mutex_lock(&nv_functions_lock);
	nv_set_vgpu_ops(ops);
	list_for_each_entry(function, &nv_functions, list)
		ops->add(function);
	mutex_unlock(&nv_functions_lock);
	return 0;
}
EXPORT_SYMBOL_GPL(nv_register_vgpu_ops);

void nv_unregister_vgpu_ops(void)
{
	const struct nv_vgpu_ops *ops = nv_vgpu_ops;
	struct nv_function *function;

	mutex_lock(&nv_functions_lock);
	list_for_each_entry(function, &nv_functions, list)
		ops->remove(function);
	nv_set_vgpu_ops(NULL);
	mutex_unlock(&nv_functions_lock);
}
EXPORT_SYMBOL_GPL(nv_unregister_vgpu_ops);
