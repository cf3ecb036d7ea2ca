// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM begins to use a vGPU, and ends. All under nv_lock. It gets a GPU instance as a whole if no other vGPU can be on it, so the host's
 * compute instance is put aside meanwhile (B125).
 */
static void vgpu_vm_begins(struct vgpu *vgpu)
{
	struct nv_instance *instance = vgpu->instance;

	vgpu->user = current->tgid;
	if (!instance || !instance->compute || vgpu_shares_instances(vgpu->vf->nv->gpu))
		return;
	instance->put_aside = true;
	instance->compute = false;
}

static void vgpu_vm_ends(struct vgpu *vgpu)
{
	struct nv_instance *instance = vgpu->instance;

	vgpu->user = 0;
	if (!instance || !instance->put_aside)
		return;
	instance->put_aside = false;
	instance->compute = true;
}
