/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of nvidia-vgpu-vfio.ko share. */
#ifndef VGPU_H
#define VGPU_H

#include <linux/uuid.h>
#include <linux/workqueue.h>

#include "nv.h"

struct vgpu_type {
	u16 device;
	int id;
	u32 fb_mib;
	unsigned int max;	/* most of this type on one card, in equal-size mode */
	unsigned int heads, frl;
	int gi_profile;		/* GPU instance profile of a MIG-backed type, -1 of a time-sliced one (B87) */
	char resolution[16], name[64];
};

struct vgpu {
	struct list_head list;	/* in its GPU; under nv_lock */
	struct vgpu_function *vf;
	const struct vgpu_type *type;
	struct nv_instance *instance;	/* of a MIG-backed one */
	int placement;			/* placement id, in GiB */
	u32 id;
	char uuid[UUID_STRING_LEN + 1];	/* of its mdev, "-" where there is none */
	pid_t user;			/* who has it open, 0: nobody */
	char params[256];
};

/* A function with types to offer, by one of the two frameworks. */
struct vgpu_function {
	struct list_head list;
	struct nv_function *nv;
	const struct vgpu_framework *framework;
	bool dead;		/* bound while nvidia-vgpu-mgr was away: gets no types before a reboot (B40) */
	bool published;
	struct delayed_work publish;
	struct vgpu *occupant;	/* of a VF; a legacy GPU holds many */
	unsigned int type_count;
	const struct vgpu_type **types;
	void *private;		/* the framework's */
};

struct vgpu_framework {
	int (*publish)(struct vgpu_function *vf);
	void (*withdraw)(struct vgpu_function *vf);	/* waits for VMs */
};

#endif
