// SPDX-License-Identifier: GPL-2.0-only
/*
 * nvidia.ko of the test lab: a stand-in, written for the lab, that holds no NVIDIA code. It binds the lab's cards and
 * answers in the files, nodes and texts by which tools and people know the real driver.
 *
 * One translation unit, since the installer compiles it in a guest under software emulation, where each file more
 * costs seconds. Its parts are files of their own.
 */
#include <linux/cdev.h>
#include <linux/delay.h>
#include <linux/dmi.h>
#include <linux/fs.h>
#include <linux/kernel_read_file.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "nv.h"

static const struct nv_card nv_cards[] = {
#include "nv-cards.h"
};

DEFINE_MUTEX(nv_lock);
EXPORT_SYMBOL_GPL(nv_lock);
static LIST_HEAD(nv_gpus);		/* in address order; under nv_lock */

#include "nodes.c"
#include "caps.c"
#include "mig.c"
#include "instances.c"
#include "standin.c"
#include "procfs.c"
#include "functions.c"
#include "gpu.c"

static int __init nv_init(void)
{
	int err;

	pr_info("NVRM: loading NVIDIA UNIX x86_64 Kernel Module  %s  (test-lab stand-in)\n", NV_VERSION);
	err = nv_nodes_init();
	if (err)
		return err;
	nv_inforom_read();
	err = nv_procfs_init();
	if (!err)
		err = pci_register_driver(&nv_driver);
	if (err) {
		nv_procfs_exit();
		nv_nodes_exit();
		kfree(nv_inforom);
	}
	return err;
}

static void __exit nv_exit(void)
{
	pci_unregister_driver(&nv_driver);
	nv_procfs_exit();
	nv_nodes_exit();
	kfree(nv_inforom);
}

module_init(nv_init);
module_exit(nv_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(NV_VERSION);
MODULE_DESCRIPTION("Test-lab stand-in for NVIDIA's kernel module (holds no NVIDIA code)");
