// SPDX-License-Identifier: GPL-2.0-only
/*
 * GPU instances: where each profile may be placed, where the driver places it by itself, and what is left after that. Ids follow
 * from the place (`nvidia-smi mig -lgi` of real A100, H100 and RTX PRO 6000).
 */

/* As `nvidia-smi mig -lgip` and `-lgipp` print them; `starts` has a bit for each slice. Generated from cards/gi-profiles.csv. */
static const struct nv_gi_profile { u16 device; int id; u8 total, slices, size, decoders; u16 starts; } nv_gi_profiles[] = {
#include "nv-gi-profiles.h"
};

static const struct nv_gi_profile *nv_gi_profile(const struct nv_gpu *gpu, int id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nv_gi_profiles); i++)
		if (nv_gi_profiles[i].device == gpu->card->device && nv_gi_profiles[i].id == id)
			return &nv_gi_profiles[i];
	return NULL;
}

static u16 nv_slices(unsigned int start, unsigned int size)
{
	return ((1 << size) - 1) << start;
}

static bool nv_fits(const struct nv_gi_profile *profile, unsigned int start, u16 taken)
{
	return (profile->starts & (1 << start)) && !(taken & nv_slices(start, profile->size));
}

/* The slices that are taken. */
static u16 nv_taken(const struct nv_gpu *gpu)
{
	u16 taken = 0;
	unsigned int i;

	for (i = 0; i < NV_MAX_INSTANCES; i++)
		if (gpu->instances[i].used)
			taken |= nv_slices(gpu->instances[i].start, gpu->instances[i].size);
	return taken;
}

/* How many more the decoders allow: a +me.all has them all, a -me none (B106). */
static unsigned int nv_left_by_engines(const struct nv_gpu *gpu, const struct nv_gi_profile *profile)
{
	unsigned int all = 0, used = 0, i;

	for (i = 0; i < ARRAY_SIZE(nv_gi_profiles); i++)
		if (nv_gi_profiles[i].device == gpu->card->device)
			all = max_t(unsigned int, all, nv_gi_profiles[i].decoders);
	for (i = 0; i < NV_MAX_INSTANCES; i++)
		if (gpu->instances[i].used)
			used += nv_gi_profile(gpu, gpu->instances[i].profile)->decoders;
	return profile->decoders ? (all - min(used, all)) / profile->decoders : profile->total;
}

/* How many more of a profile can be created (B108). */
static unsigned int nv_free(const struct nv_gpu *gpu, const struct nv_gi_profile *profile)
{
	unsigned int left = profile->total, places = 0, i;
	u16 taken = nv_taken(gpu);

	for (i = 0; i < NV_MAX_INSTANCES; i++)
		left -= gpu->instances[i].used && gpu->instances[i].profile == profile->id;
	for (i = 0; i < profile->slices; i++)
		places += nv_fits(profile, i, taken);
	return min3(left, places, nv_left_by_engines(gpu, profile));
}

/* How many places of all profiles remain with these slices taken. */
static unsigned int nv_places(const struct nv_gpu *gpu, u16 taken)
{
	unsigned int count = 0, start, i;

	for (i = 0; i < ARRAY_SIZE(nv_gi_profiles); i++)
		for (start = 0; nv_gi_profiles[i].device == gpu->card->device && start < nv_gi_profiles[i].slices; start++)
			count += nv_fits(&nv_gi_profiles[i], start, taken);
	return count;
}

/* The driver's own choice leaves most places for others: the 1g of an A100 go to 6, 4, 5, 0, 1, 2, 3. */
static int nv_place(const struct nv_gpu *gpu, const struct nv_gi_profile *profile)
{
	unsigned int start, places, most = 0;
	u16 taken = nv_taken(gpu);
	int best = -ENOSPC;

	for (start = 0; start < profile->slices; start++) {
		if (!nv_fits(profile, start, taken))
			continue;
		places = 1 + nv_places(gpu, taken | nv_slices(start, profile->size));
		if (places > most) {
			most = places;
			best = start;
		}
	}
	return best;
}

/* Ids follow from the place: 0 for the whole card, 1 and 2 for halves, 3 to 6 for quarters, from 7 on for eighths. */
static int nv_instance_id(const struct nv_gi_profile *profile, unsigned int start)
{
	return profile->slices / profile->size - 1 + start / profile->size;
}

static struct nv_instance *nv_unused_instance(struct nv_gpu *gpu)
{
	unsigned int i;

	for (i = 0; i < NV_MAX_INSTANCES; i++)
		if (!gpu->instances[i].used)
			return &gpu->instances[i];
	return NULL;
}

static int nv_create_instance(struct nv_gpu *gpu, int profile_id, int wanted)
{
	const struct nv_gi_profile *profile = nv_gi_profile(gpu, profile_id);
	struct nv_instance *instance = nv_unused_instance(gpu);
	int start;

	if (!gpu->mig || !profile || (wanted >= 0 && !(wanted < 16 && profile->starts & (1 << wanted))))
		return -EINVAL;
	/* Only with the first instance is the hardware divided, which no other client may use then (B103). */
	if (!nv_taken(gpu) && (nv_has_other_clients(gpu) || nv_counts_down(&lab_gi_create_busy)))
		return -EBUSY;
	if (nv_counts_down(&lab_gi_create_nothing))
		return 0;
	start = wanted < 0 ? nv_place(gpu, profile) : nv_fits(profile, wanted, nv_taken(gpu)) ? wanted : -ENOSPC;
	if (!instance || start < 0 || !nv_free(gpu, profile))
		return -ENOSPC;
	*instance = (struct nv_instance){ .used = true, .id = nv_instance_id(profile, start), .profile = profile_id,
					  .start = start, .size = profile->size,
					  .fb_mib = gpu->card->fb_mib / profile->slices * profile->size };
	nv_caps_update(gpu, instance);
	return 0;
}

static struct nv_instance *nv_find_instance(struct nv_gpu *gpu, int id)
{
	unsigned int i;

	for (i = 0; i < NV_MAX_INSTANCES; i++)
		if (gpu->instances[i].used && gpu->instances[i].id == id)
			return &gpu->instances[i];
	return NULL;
}

/* A compute instance, which the driver needs none of for vGPUs (B126). A VM that uses the GPU instance has it alone (B127). */
static int nv_set_compute(struct nv_gpu *gpu, int id, bool on)
{
	struct nv_instance *instance = nv_find_instance(gpu, id);

	if (!instance || instance->compute == on)
		return -ENOENT;
	if (instance->vgpus)
		return -EBUSY;
	instance->compute = on;
	nv_caps_update(gpu, instance);
	return 0;
}

static int nv_destroy_instance(struct nv_gpu *gpu, int id)
{
	struct nv_instance *instance = nv_find_instance(gpu, id);

	if (!instance)
		return -ENOENT;
	if (instance->vgpus || instance->compute || nv_counts_down(&lab_gi_destroy_busy))
		return -EBUSY;	/* B110, B128 */
	instance->used = false;
	nv_caps_remove(instance);
	return 0;
}
