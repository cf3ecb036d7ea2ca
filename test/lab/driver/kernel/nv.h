/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two stand-in modules share: GPUs, their functions, and the way from nvidia.ko into nvidia-vgpu-vfio.ko.
 * nvidia.ko owns the GPUs; nvidia-vgpu-vfio.ko is told of each function that can carry vGPUs and puts them there.
 */
#ifndef NV_H
#define NV_H

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/seq_file.h>

enum nv_card_vgpu { NV_CARD_GPU, NV_CARD_VF, NV_CARD_REFUSED };

struct nv_card {
	u16 device, subdevice;
	const char *name, *architecture;
	u32 fb_mib;
	u8 vgpu;	/* enum nv_card_vgpu */
	u8 mig;		/* MIG capable */
	u16 min_branch, max_branch;
};

#define NV_MAX_INSTANCES 8

/* A GPU instance, the part of a card in MIG mode that MIG-backed vGPUs are created on. */
struct nv_instance {
	bool used, compute;	/* compute: it has a compute instance */
	bool put_aside;		/* its compute instance is, while a VM uses the instance (B125) */
	int id, profile;
	u8 start, size;		/* memory slices */
	u32 fb_mib;
	unsigned int vgpus;
	struct proc_dir_entry *caps;
};

struct nv_gpu {
	struct kref ref;	/* the PF, each VF and each open node hold one */
	struct list_head list;
	struct pci_dev *pdev;
	const struct nv_card *card;
	u16 types_device;	/* PCI id whose vGPU types it has; differs from its own when unlocked */
	char bdf[16], uuid[48];
	int minor;
	unsigned int clients;	/* open handles of /dev/nvidia<minor> */
	unsigned int yielding;	/* those of them that are no obstacle to a change of MIG mode (B140) */
	bool unbind_locked, gone, lost, mig, mig_pending, hetero, accounting;
	struct nv_instance instances[NV_MAX_INSTANCES];
	DECLARE_BITMAP(vfs_seen, 256);
	struct list_head vgpus;
	unsigned int vgpu_count;
	struct proc_dir_entry *proc, *caps;
};

/* A function that carries vGPUs: the GPU itself (T4, P40) or a VF. */
struct nv_function {
	struct list_head list;
	struct pci_dev *pdev;
	struct nv_gpu *gpu;
	bool rebound;		/* was unbound from nvidia and bound again without an SR-IOV cycle (B78) */
	void *vgpus;		/* nvidia-vgpu-vfio's part */
};

struct nv_vgpu_ops {
	int (*add)(struct nv_function *function);
	void (*remove)(struct nv_function *function);
	void (*show)(struct seq_file *out, struct nv_gpu *gpu);
	void (*show_types)(struct seq_file *out, struct nv_gpu *gpu);
};

static inline bool nv_is_sriov(const struct nv_gpu *gpu) { return gpu->card->vgpu == NV_CARD_VF; }
static inline bool nv_is_refused(const struct nv_gpu *gpu)
{
	return gpu->card->vgpu == NV_CARD_REFUSED && gpu->types_device == gpu->card->device;
}

/* Whether there is a GPU instance. */
static inline bool nv_is_divided(const struct nv_gpu *gpu)
{
	unsigned int i;

	for (i = 0; i < NV_MAX_INSTANCES; i++)
		if (gpu->instances[i].used)
			return true;
	return false;
}

extern struct mutex nv_lock;	/* guards the state of all GPUs; never held across something that waits for a VM */
int nv_register_vgpu_ops(const struct nv_vgpu_ops *ops);
void nv_unregister_vgpu_ops(void);
void nv_gpu_get(struct nv_gpu *gpu);
void nv_gpu_put(struct nv_gpu *gpu);
struct nv_gpu *nv_find_gpu(const char *bdf);	/* under nv_lock */

#endif
