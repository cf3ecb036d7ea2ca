// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine's DMI product UUID. A host that continues from a saved state woke up in another machine, so the lab
 * writes the new machine's UUID to /sys/module/labpci/parameters/product_uuid. After a reboot the firmware says it.
 */
#include <linux/dmi.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uuid.h>

static int set_product_uuid(const char *value, const struct kernel_param *param)
{
	char *uuid = (char *)dmi_get_system_info(DMI_PRODUCT_UUID);	/* a buffer of the kernel's, filled at boot */

	if (!uuid || strlen(uuid) != UUID_STRING_LEN || !uuid_is_valid(value))
		return -EINVAL;
	memcpy(uuid, value, UUID_STRING_LEN);
	return 0;
}

static int get_product_uuid(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%s\n", dmi_get_system_info(DMI_PRODUCT_UUID) ?: "");
}

static const struct kernel_param_ops product_uuid_ops = { .set = set_product_uuid, .get = get_product_uuid };
module_param_cb(product_uuid, &product_uuid_ops, NULL, 0600);
MODULE_PARM_DESC(product_uuid, "replaces the DMI product UUID of this machine");
