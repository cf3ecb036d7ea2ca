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

/* A GPU instance holds one vGPU up to R535, from R570 on several of one framebuffer size. */
static struct nv_instance *vgpu_room_in_instances(struct nv_gpu *gpu, const struct vgpu_type *type)
{
	unsigned int i;

	for (i = 0; i < NV_MAX_INSTANCES; i++) {
		struct nv_instance *instance = &gpu->instances[i];

		if (!instance->used || instance->profile != type->gi_profile)
			continue;
		if (!instance->vgpus)
			return instance;
		if (NV_BRANCH >= 570 && instance->vgpu_fb_mib == type->fb_mib &&
		    instance->vgpus < instance->fb_mib / type->fb_mib)
			return instance;
	}
	return NULL;
}

static u32 vgpu_framebuffer_used(const struct nv_gpu *gpu)
{
	const struct vgpu *vgpu;
	u32 sum = 0;

	list_for_each_entry(vgpu, &gpu->vgpus, list)
		sum += vgpu->type->fb_mib;
	return sum;
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

static bool vgpu_creatable(const struct vgpu_function *vf, const struct vgpu_type *type)
{
	struct nv_gpu *gpu = vf->nv->gpu;

	if (gpu->gone || gpu->lost || (vf->nv->pdev->is_virtfn && vf->occupant))
		return false;
	if (gpu->mig)
		return type->gi_profile >= 0 && vgpu_room_in_instances(gpu, type);
	if (type->gi_profile >= 0)
		return false;
	if (gpu->hetero)
		return vgpu_framebuffer_used(gpu) + type->fb_mib <= gpu->card->fb_mib;
	return vgpu_joins_first(gpu, type);
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
		pci_err(pdev, "NVRM: Failed to add vgpu create request: 0x%x\n", vf->nv->gpu->mig ? 0x38 : 0x56);
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
		if (gpu->mig) {
			vgpu->instance = vgpu_room_in_instances(gpu, type);
			vgpu->instance->vgpus++;
			vgpu->instance->vgpu_fb_mib = type->fb_mib;
		}
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
