// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which types can be created where: the rules of kvgpumgrGetAvailableInstances and _kvgpumgrCheckVgpuTypeSupported of
 * NVIDIA's open kernel modules, which captures of real hosts confirm (B52 to B56, B70). All under nv_lock.
 */
static unsigned int lab_type_write_eio, lab_gpu_uninitialised;
module_param(lab_type_write_eio, uint, 0644);
MODULE_PARM_DESC(lab_type_write_eio, "fail the next n vGPU creations");
module_param(lab_gpu_uninitialised, uint, 0644);
MODULE_PARM_DESC(lab_gpu_uninitialised, "the next n vGPU creations find the GPU not initialised yet");

static u32 vgpu_next_id = 3251634176u;	/* the range in which real hosts number them */

/* GB20x holds several vGPUs of one framebuffer size on a GPU instance from R575 on, every other GPU one (B120). */
static bool vgpu_shares_instances(const struct nv_gpu *gpu)
{
	return NV_BRANCH >= 575 && !strcmp(gpu->card->architecture, "Blackwell");
}

static bool vgpu_joins_instance(const struct nv_gpu *gpu, const struct nv_instance *instance, const struct vgpu_type *type)
{
	const struct vgpu *other;

	if (!instance->used || instance->profile != type->gi_profile || (instance->vgpus && !vgpu_shares_instances(gpu)))
		return false;
	list_for_each_entry(other, &gpu->vgpus, list)
		if (other->instance == instance && other->type->fb_mib != type->fb_mib)
			return false;	/* B123 */
	return vgpu_free_place(gpu, instance, type) >= 0;
}

/* The instance with the lowest id (B118). */
static struct nv_instance *vgpu_instance_for(struct nv_gpu *gpu, const struct vgpu_type *type)
{
	struct nv_instance *lowest = NULL;
	unsigned int i;

	for (i = 0; i < NV_MAX_INSTANCES; i++)
		if (vgpu_joins_instance(gpu, &gpu->instances[i], type) && (!lowest || gpu->instances[i].id < lowest->id))
			lowest = &gpu->instances[i];
	return lowest;
}

/* The first vGPU decides: the framebuffer size from R525 on, the exact type before. */
static bool vgpu_joins_first(struct nv_gpu *gpu, const struct vgpu_type *type)
{
	struct vgpu *first = list_first_entry_or_null(&gpu->vgpus, struct vgpu, list);

	if (!first)
		return true;
	if (NV_BRANCH <= 510 && nv_is_sriov(gpu))
		return first->type == type && gpu->vgpu_count < type->max;
	return first->type->fb_mib == type->fb_mib && gpu->vgpu_count < type->max;
}

/* Whether a GPU has room for a type. */
static bool vgpu_fits(struct nv_gpu *gpu, const struct vgpu_type *type)
{
	if (gpu->gone || gpu->lost || gpu->mig != (type->gi_profile >= 0))
		return false;
	if (gpu->mig)
		return vgpu_instance_for(gpu, type);
	return (gpu->hetero || vgpu_joins_first(gpu, type)) && vgpu_free_place(gpu, NULL, type) >= 0;
}

static bool vgpu_creatable(const struct vgpu_function *vf, const struct vgpu_type *type)
{
	return !(vf->nv->pdev->is_virtfn && vf->occupant) && vgpu_fits(vf->nv->gpu, type);
}

/* NV_ERR_INVALID_OPERATION, NV_ERR_INVALID_STATE, NV_ERR_NOT_SUPPORTED: what a create request answers (kernel_vgpu_mgr.c). */
static u32 vgpu_status(const struct vgpu_function *vf, const struct vgpu_type *type)
{
	struct nv_gpu *gpu = vf->nv->gpu;

	if (vf->occupant || gpu->mig != (type->gi_profile >= 0) || (gpu->mig && !nv_is_divided(gpu)))
		return 0x38;
	return gpu->mig ? 0x40 : 0x56;
}

static int vgpu_refusal(const struct vgpu_function *vf, const struct vgpu_type *type)
{
	struct pci_dev *pdev = vf->nv->pdev;

	if (lab_type_write_eio) {
		lab_type_write_eio--;
		return -EIO;
	}
	if (lab_gpu_uninitialised) {
		lab_gpu_uninitialised--;
		pci_err(pdev, "NVRM: kvgpumgrCreateRequestVgpu: GPU is not initialized yet\n");
		return -EIO;
	}
	if (vf->nv->rebound) {
		pci_err(pdev, "nvidia-vgpu-vfio: vfio_pci_core_device not found\n");
		return -EIO;
	}
	if (!vgpu_creatable(vf, type)) {
		pci_err(pdev, "NVRM: Failed to add vgpu create request: 0x%x\n", vgpu_status(vf, type));
		return -EIO;
	}
	return 0;
}

/* Returns the new vGPU, or -EIO with the reason in the kernel log: the errno that users of real hosts report (B52, B71). */
static struct vgpu *vgpu_create(struct vgpu_function *vf, const struct vgpu_type *type, const char *uuid)
{
	struct nv_gpu *gpu = vf->nv->gpu;
	struct vgpu *vgpu = kzalloc(sizeof(*vgpu), GFP_KERNEL);
	int err;

	if (!vgpu)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&nv_lock);
	err = vgpu_refusal(vf, type);
	if (!err) {
		vgpu->vf = vf;
		vgpu->type = type;
		vgpu->id = vgpu_next_id++;
		strscpy(vgpu->uuid, uuid, sizeof(vgpu->uuid));
		vgpu->instance = gpu->mig ? vgpu_instance_for(gpu, type) : NULL;
		vgpu->placement = vgpu_free_place(gpu, vgpu->instance, type);
		if (vgpu->instance)
			vgpu->instance->vgpus++;
		vf->occupant = vgpu;
		list_add_tail(&vgpu->list, &gpu->vgpus);
		gpu->vgpu_count++;
	}
	mutex_unlock(&nv_lock);
	if (!err)
		return vgpu;
	kfree(vgpu);
	return ERR_PTR(err);
}

static void vgpu_destroy(struct vgpu *vgpu)
{
	struct vgpu_function *vf = vgpu->vf;

	mutex_lock(&nv_lock);
	if (vgpu->instance)
		vgpu->instance->vgpus--;
	list_del(&vgpu->list);
	vf->nv->gpu->vgpu_count--;
	if (vf->occupant == vgpu)
		vf->occupant = NULL;
	mutex_unlock(&nv_lock);
	kfree(vgpu);
}
