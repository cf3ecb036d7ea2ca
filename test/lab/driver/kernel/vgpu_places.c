// SPDX-License-Identifier: GPL-2.0-only
/*
 * Placement ids: where in the framebuffer a vGPU may lie, in GiB. In equal-size mode vGPU n of size s is at n times s. In
 * mixed-size mode a card is divided into a power of two of slots, and a vGPU that is smaller than its slot lies at the start of
 * an even one and at the end of an odd one (the tables of NVIDIA's vGPU User Guide, A.3). On a GPU instance it counts inside it.
 */
#define VGPU_GIB 1024

static bool vgpu_is_mixed(const struct nv_gpu *gpu, const struct nv_instance *instance)
{
	return gpu->hetero && !instance;
}

/* How many places there are; an H200 loses none in mixed-size mode, an Ada card more with the smallest size. */
static unsigned int vgpu_places(const struct nv_gpu *gpu, const struct nv_instance *instance, const struct vgpu_type *type)
{
	if (instance)
		return instance->fb_mib / type->fb_mib ?: 1;
	if (!vgpu_is_mixed(gpu, instance) || gpu->card->fb_mib == 141 * VGPU_GIB)
		return type->max;
	if (type->fb_mib == VGPU_GIB && gpu->card->fb_mib == 48 * VGPU_GIB && !strcmp(gpu->card->architecture, "Ada"))
		return 16;
	return rounddown_pow_of_two(type->max);
}

/* The id of the n-th place, or -1: two are missing from 1 GiB on the other cards of 48 GiB. */
static int vgpu_place(const struct nv_gpu *gpu, const struct nv_instance *instance, const struct vgpu_type *type, unsigned int n)
{
	unsigned int count = vgpu_places(gpu, instance, type);
	u32 id;

	if (!vgpu_is_mixed(gpu, instance))
		return n * type->fb_mib / VGPU_GIB;
	id = (gpu->card->fb_mib * (n + n % 2) / count - n % 2 * type->fb_mib) / VGPU_GIB;
	return count == 32 && gpu->card->fb_mib == 48 * VGPU_GIB && (id == 8 || id == 32) ? -1 : id;
}

static bool vgpu_is_taken(const struct nv_gpu *gpu, const struct nv_instance *instance, const struct vgpu_type *type, int id)
{
	const struct vgpu *other;

	list_for_each_entry(other, &gpu->vgpus, list)
		if (other->instance == instance && id < other->placement + (int)(other->type->fb_mib / VGPU_GIB) &&
		    other->placement < id + (int)(type->fb_mib / VGPU_GIB))
			return true;
	return false;
}

/* The first place that is free, or -1 (B151). */
static int vgpu_free_place(const struct nv_gpu *gpu, const struct nv_instance *instance, const struct vgpu_type *type)
{
	unsigned int n;

	for (n = 0; n < vgpu_places(gpu, instance, type); n++) {
		int id = vgpu_place(gpu, instance, type, n);

		if (id >= 0 && !vgpu_is_taken(gpu, instance, type, id))
			return id;
	}
	return -1;
}
