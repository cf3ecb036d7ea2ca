// SPDX-License-Identifier: GPL-2.0-only
/*
 * The type table. The module knows no type by itself: nvidia-vgpud writes the table after the module was loaded, and
 * before that no function offers anything. Entries are never removed, since published functions point at them.
 */
#define VGPU_MAX_TYPES 512

static struct vgpu_type vgpu_types[VGPU_MAX_TYPES];
static unsigned int vgpu_type_count;	/* under nv_lock */

/* `type <device-hex> <id> <framebuffer_mib> <max> <heads> <frl> <max_resolution> <gi_profile_id or -> <name>` */
static int vgpu_add_type(const char *line)
{
	struct vgpu_type type = { .gi_profile = -1 };
	char profile[8];
	unsigned int i;
	int name_at = 0;

	if (sscanf(line, "type %hx %d %u %u %u %u %15s %7s %n", &type.device, &type.id, &type.fb_mib, &type.max,
		   &type.heads, &type.frl, type.resolution, profile, &name_at) < 8 || !name_at || !line[name_at])
		return -EINVAL;
	if (strcmp(profile, "-") && kstrtoint(profile, 10, &type.gi_profile))
		return -EINVAL;
	strscpy(type.name, line + name_at, sizeof(type.name));
	for (i = 0; i < vgpu_type_count; i++)
		if (vgpu_types[i].device == type.device && vgpu_types[i].id == type.id)
			return 0;
	if (vgpu_type_count == VGPU_MAX_TYPES)
		return -ENOSPC;
	vgpu_types[vgpu_type_count++] = type;
	return 0;
}

/* The types that a function offers, in the order of the table. */
static int vgpu_collect_types(struct vgpu_function *vf)
{
	unsigned int i;

	vf->type_count = 0;
	kfree(vf->types);
	vf->types = kcalloc(vgpu_type_count + 1, sizeof(*vf->types), GFP_KERNEL);
	if (!vf->types)
		return -ENOMEM;
	for (i = 0; i < vgpu_type_count; i++)
		if (vgpu_types[i].device == vf->nv->gpu->types_device)
			vf->types[vf->type_count++] = &vgpu_types[i];
	return vf->type_count;
}
