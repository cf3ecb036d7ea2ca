// SPDX-License-Identifier: GPL-2.0-only
/*
 * The emulated IOMMU of the machine does not know a software bus, so each function gets its IOMMU group here, while
 * the IOMMU is on; with it off there is none, as on a real host (`/sys/kernel/iommu_groups` stays empty, B28).
 */
#include <linux/iommu.h>

#include "labpci.h"

static void join_own_group(struct device *dev)
{
	struct iommu_group *group;

	if (dev->iommu_group || !iommu_present(&pci_bus_type))
		return;
	group = iommu_group_alloc();
	if (IS_ERR(group))
		return;
	iommu_group_add_device(group, dev);
	iommu_group_put(group);
}

static int bus_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct device *dev = data;

	if (!lab_owns(dev))
		return NOTIFY_DONE;
	if (event == BUS_NOTIFY_ADD_DEVICE)
		join_own_group(dev);
	else if (event == BUS_NOTIFY_REMOVED_DEVICE && dev->iommu_group)
		iommu_group_remove_device(dev);
	return NOTIFY_OK;
}

static struct notifier_block bus_events = { .notifier_call = bus_event };

int lab_iommu_groups_init(void) { return bus_register_notifier(&pci_bus_type, &bus_events); }
void lab_iommu_groups_exit(void) { bus_unregister_notifier(&pci_bus_type, &bus_events); }
