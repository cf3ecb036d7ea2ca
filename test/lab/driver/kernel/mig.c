// SPDX-License-Identifier: GPL-2.0-only
/*
 * MIG mode, GPU instances and mixed-size mode: as much as SR-IOV and time-sliced vGPUs are seen to depend on. MIG mode
 * outlives an SR-IOV cycle, instances and mixed-size mode do not (B37, B39): those live in struct nv_gpu, which each
 * binding of the PF makes anew, while the mode is kept here, where the real card has its InfoROM.
 */
static struct { char bdf[16]; bool mig; } nv_inforom[NV_MAX_MINOR];

static bool *nv_stored_mig(const struct nv_gpu *gpu)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nv_inforom); i++) {
		if (!nv_inforom[i].bdf[0])
			strscpy(nv_inforom[i].bdf, gpu->bdf, sizeof(nv_inforom[i].bdf));
		if (!strcmp(nv_inforom[i].bdf, gpu->bdf))
			return &nv_inforom[i].mig;
	}
	return &nv_inforom[0].mig;
}

/* Slices of compute and of memory, as `nvidia-smi mig -lgip` of the A100 shows; the 2bb5 rows are the lab's own. */
static const struct nv_gi_profile { u16 device; int id; u8 compute, memory, compute_total, memory_total; } nv_gi_profiles[] = {
	{ 0x20f1, 19, 1, 1, 7, 8 }, { 0x20f1, 20, 1, 1, 7, 8 }, { 0x20f1, 15, 1, 2, 7, 8 }, { 0x20f1, 14, 2, 2, 7, 8 },
	{ 0x20f1, 9, 3, 4, 7, 8 }, { 0x20f1, 5, 4, 4, 7, 8 }, { 0x20f1, 0, 7, 8, 7, 8 },
	{ 0x2bb5, 47, 1, 1, 4, 4 }, { 0x2bb5, 35, 2, 2, 4, 4 }, { 0x2bb5, 32, 4, 4, 4, 4 },
};

static const struct nv_gi_profile *nv_gi_profile(const struct nv_gpu *gpu, int id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nv_gi_profiles); i++)
		if (nv_gi_profiles[i].device == gpu->card->device && nv_gi_profiles[i].id == id)
			return &nv_gi_profiles[i];
	return NULL;
}

static int nv_set_mig(struct nv_gpu *gpu, bool on)
{
	if (!gpu->card->mig)
		return -EOPNOTSUPP;
	if (pci_num_vf(gpu->pdev) || gpu->vgpu_count || gpu->clients > 1)
		return -EBUSY;	/* "In use by another client" while VFs are enabled (B82) */
	gpu->mig = *nv_stored_mig(gpu) = on;
	memset(gpu->instances, 0, sizeof(gpu->instances));
	return 0;
}

static int nv_create_instance(struct nv_gpu *gpu, int profile_id)
{
	/* Instance ids follow no order that a reader could rely on (B86). */
	static const int ids[NV_MAX_INSTANCES] = { 5, 3, 1, 2, 4, 6, 7, 8 };
	const struct nv_gi_profile *wanted = nv_gi_profile(gpu, profile_id), *profile;
	unsigned int compute = 0, memory = 0, i;
	struct nv_instance *free = NULL;

	if (!gpu->mig || !wanted)
		return -EINVAL;
	for (i = 0; i < NV_MAX_INSTANCES; i++) {
		struct nv_instance *instance = &gpu->instances[i];

		if (!instance->used) {
			if (!free) {
				free = instance;
				free->id = ids[i];
			}
			continue;
		}
		profile = nv_gi_profile(gpu, instance->profile);
		compute += profile->compute;
		memory += profile->memory;
	}
	if (!free || compute + wanted->compute > wanted->compute_total || memory + wanted->memory > wanted->memory_total)
		return -ENOSPC;
	*free = (struct nv_instance){ .used = true, .id = free->id, .profile = profile_id,
				      .fb_mib = gpu->card->fb_mib * wanted->memory / wanted->memory_total };
	return 0;
}

static int nv_destroy_instances(struct nv_gpu *gpu, int id, bool all)
{
	bool found = false;
	unsigned int i;

	for (i = 0; i < NV_MAX_INSTANCES; i++)
		if (gpu->instances[i].used && (all || gpu->instances[i].id == id) && gpu->instances[i].vgpus)
			return -EBUSY;
	for (i = 0; i < NV_MAX_INSTANCES; i++)
		if (gpu->instances[i].used && (all || gpu->instances[i].id == id)) {
			gpu->instances[i].used = false;
			found = true;
		}
	return found ? 0 : -ENOENT;
}

/* Needs VFs and an empty card; Turing and older, and a MIG-enabled card, cannot (B90). */
static int nv_set_hetero(struct nv_gpu *gpu, bool on)
{
	if (!nv_is_sriov(gpu) || gpu->mig)
		return -EOPNOTSUPP;
	if (gpu->vgpu_count)
		return -EBUSY;
	if (!pci_num_vf(gpu->pdev))
		return -EINVAL;
	gpu->hetero = on;
	return 0;
}
