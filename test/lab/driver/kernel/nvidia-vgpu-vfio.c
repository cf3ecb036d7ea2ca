// SPDX-License-Identifier: GPL-2.0-only
/*
 * nvidia-vgpu-vfio.ko of the test lab: a stand-in, written for the lab, that holds no NVIDIA code. It offers vGPU types
 * on the functions that nvidia.ko hands over, by mdev or by type files, under the rules of real cards.
 *
 * One translation unit for the reason given in nvidia.c.
 */
#include <linux/cdev.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/idr.h>
#include <linux/mdev.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "vgpu.h"

static atomic_t vgpu_managers = ATOMIC_INIT(0);	/* open handles of nvidia-vgpu-mgr */

#include "vgpu_types.c"
#include "vgpu_places.c"
#include "vgpu_rules.c"
#include "vgpu_vm.c"
#if NV_MDEV
#include "vgpu_mdev.c"
#endif
#include "vgpu_group.c"
#include "vgpu_vendor.c"
#include "vgpu_functions.c"
#include "vgpu_ctl.c"

static int __init vgpu_init(void)
{
	int err = vgpu_group_init();

	if (err)
		return err;
#if NV_MDEV
	err = mdev_register_driver(&vgpu_mdev_driver);
	if (err)
		goto no_mdev;
#endif
	err = misc_register(&vgpu_ctl_node);
	if (err)
		goto no_ctl;
	return nv_register_vgpu_ops(&vgpu_ops);

no_ctl:
#if NV_MDEV
	mdev_unregister_driver(&vgpu_mdev_driver);
no_mdev:
#endif
	vgpu_group_exit();
	return err;
}

static void __exit vgpu_exit(void)
{
	misc_deregister(&vgpu_ctl_node);
	nv_unregister_vgpu_ops();
#if NV_MDEV
	mdev_unregister_driver(&vgpu_mdev_driver);
#endif
	vgpu_group_exit();
}

/* The alias loads this module with the card, as the real one, and puts it among lspci's "Kernel modules". */
static const struct pci_device_id vgpu_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_NVIDIA, PCI_ANY_ID), .class = PCI_CLASS_DISPLAY_3D << 8, .class_mask = ~0 },
	{ PCI_DEVICE(PCI_VENDOR_ID_NVIDIA, PCI_ANY_ID), .class = PCI_CLASS_DISPLAY_VGA << 8, .class_mask = ~0 },
	{}
};
MODULE_DEVICE_TABLE(pci, vgpu_ids);

module_init(vgpu_init);
module_exit(vgpu_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(NV_VERSION);
MODULE_DESCRIPTION("Test-lab stand-in for NVIDIA's vGPU VFIO module (holds no NVIDIA code)");
#if !NV_MDEV
MODULE_SOFTDEP("pre: vfio_pci_core");	/* what lsmod shows on a host without mdev */
#endif
