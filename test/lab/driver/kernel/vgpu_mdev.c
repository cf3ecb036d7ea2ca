// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mdev framework: each function is an mdev parent with a type directory a vGPU type, each vGPU an mdev. The kernel's
 * own mdev core makes the files and the errors of a bad UUID (B50 to B59); vfio makes a removal wait for the VM (B58).
 */
static unsigned int lab_pci_type_names_ms;
module_param(lab_pci_type_names_ms, uint, 0644);
MODULE_PARM_DESC(lab_pci_type_names_ms, "type directories are called pci-<id> for so long");

struct vgpu_mdev_parent {
	struct mdev_parent parent;
	struct vgpu_function *vf;
	struct mdev_type *types, **pointers;
	char (*names)[8];	/* the mdev core keeps pointers to them */
	struct delayed_work rename;
};

struct vgpu_mdev {
	struct vfio_device vdev;
	struct vgpu *vgpu;
};

static struct vgpu_mdev_parent *vgpu_parent_of(struct mdev_type *type)
{
	return container_of(type->parent, struct vgpu_mdev_parent, parent);
}

static const struct vgpu_type *vgpu_type_of(struct mdev_type *type)
{
	struct vgpu_mdev_parent *parent = vgpu_parent_of(type);

	return parent->vf->types[type - parent->types];
}

/* --- one vGPU: an mdev with a vfio device that a VM can open --- */

static int vgpu_mdev_init(struct vfio_device *vdev)
{
	struct mdev_device *mdev = to_mdev_device(vdev->dev);
	struct vgpu_mdev *self = container_of(vdev, struct vgpu_mdev, vdev);
	struct vgpu *vgpu = vgpu_create(vgpu_parent_of(mdev->type)->vf, vgpu_type_of(mdev->type), dev_name(&mdev->dev));

	if (IS_ERR(vgpu))
		return PTR_ERR(vgpu);
	self->vgpu = vgpu;
	return 0;
}

static void vgpu_mdev_release(struct vfio_device *vdev)
{
	vgpu_destroy(container_of(vdev, struct vgpu_mdev, vdev)->vgpu);
	vfio_free_device(vdev);
}

static int vgpu_mdev_open(struct vfio_device *vdev)
{
	mutex_lock(&nv_lock);
	vgpu_vm_begins(container_of(vdev, struct vgpu_mdev, vdev)->vgpu);
	mutex_unlock(&nv_lock);
	return 0;
}

static void vgpu_mdev_close(struct vfio_device *vdev)
{
	mutex_lock(&nv_lock);
	vgpu_vm_ends(container_of(vdev, struct vgpu_mdev, vdev)->vgpu);
	mutex_unlock(&nv_lock);
}

static long vgpu_mdev_ioctl(struct vfio_device *vdev, unsigned int command, unsigned long argument)
{
	struct vfio_device_info info;

	if (command != VFIO_DEVICE_GET_INFO)
		return -ENOTTY;
	if (copy_from_user(&info, (void __user *)argument, offsetofend(struct vfio_device_info, num_irqs)))
		return -EFAULT;
	info.flags = VFIO_DEVICE_FLAGS_PCI;
	info.num_regions = VFIO_PCI_NUM_REGIONS;
	info.num_irqs = VFIO_PCI_NUM_IRQS;
	return copy_to_user((void __user *)argument, &info, offsetofend(struct vfio_device_info, num_irqs)) ? -EFAULT : 0;
}

static const struct vfio_device_ops vgpu_mdev_device_ops = {
	.name = "nvidia-vgpu-vfio", .init = vgpu_mdev_init, .release = vgpu_mdev_release,
	.open_device = vgpu_mdev_open, .close_device = vgpu_mdev_close, .ioctl = vgpu_mdev_ioctl,
};

static ssize_t vgpu_params_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
	struct vgpu_mdev *self = dev_get_drvdata(dev);

	return sysfs_emit(buffer, "%s\n", self->vgpu->params);
}

/* The last character of a write is consumed; a single space clears (B61). */
static ssize_t vgpu_params_store(struct device *dev, struct device_attribute *attribute, const char *text, size_t length)
{
	struct vgpu_mdev *self = dev_get_drvdata(dev);

	if (!length || length > sizeof(self->vgpu->params))
		return -EINVAL;
	strscpy(self->vgpu->params, text, length);
	return length;
}
static DEVICE_ATTR_RW(vgpu_params);

static ssize_t vm_name_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
	return sysfs_emit(buffer, "\n");
}
static DEVICE_ATTR_RO(vm_name);

static struct attribute *vgpu_mdev_attributes[] = { &dev_attr_vgpu_params.attr, &dev_attr_vm_name.attr, NULL };
static const struct attribute_group vgpu_mdev_group = { .name = "nvidia", .attrs = vgpu_mdev_attributes };

static int vgpu_mdev_probe(struct mdev_device *mdev)
{
	struct vgpu_mdev *self = vfio_alloc_device(vgpu_mdev, vdev, &mdev->dev, &vgpu_mdev_device_ops);
	int err;

	if (IS_ERR(self))
		return PTR_ERR(self);
	dev_set_drvdata(&mdev->dev, self);
	err = vfio_register_emulated_iommu_dev(&self->vdev);
	if (!err)
		err = sysfs_create_group(&mdev->dev.kobj, &vgpu_mdev_group);
	if (err)
		vfio_put_device(&self->vdev);
	return err;
}

static void vgpu_mdev_remove(struct mdev_device *mdev)
{
	struct vgpu_mdev *self = dev_get_drvdata(&mdev->dev);

	vfio_unregister_group_dev(&self->vdev);	/* waits while a VM has it open */
	sysfs_remove_group(&mdev->dev.kobj, &vgpu_mdev_group);
	vfio_put_device(&self->vdev);
}

/* A VF shows 1 or 0, a GPU without SR-IOV how many more fit (B53, B54). */
static unsigned int vgpu_mdev_available(struct mdev_type *mdev_type)
{
	struct vgpu_function *vf = vgpu_parent_of(mdev_type)->vf;
	const struct vgpu_type *type = vgpu_type_of(mdev_type);
	unsigned int available = 0;

	mutex_lock(&nv_lock);
	if (vgpu_creatable(vf, type))
		available = vf->nv->pdev->is_virtfn ? 1 : type->max - vf->nv->gpu->vgpu_count;
	mutex_unlock(&nv_lock);
	return available;
}

static ssize_t vgpu_mdev_description(struct mdev_type *mdev_type, char *buffer)
{
	const struct vgpu_type *type = vgpu_type_of(mdev_type);

	return sysfs_emit(buffer, "num_heads=%u, frl_config=%u, framebuffer=%uM, max_resolution=%s, max_instance=%u\n",
			  type->heads, type->frl, type->fb_mib, type->resolution, type->max);
}

static struct mdev_driver vgpu_mdev_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.driver = { .name = "nvidia-vgpu-vfio", .owner = THIS_MODULE, .mod_name = KBUILD_MODNAME },
	.probe = vgpu_mdev_probe, .remove = vgpu_mdev_remove,
	.get_available = vgpu_mdev_available, .show_description = vgpu_mdev_description,
};

/* --- one function: an mdev parent --- */

static int vgpu_register_parent(struct vgpu_mdev_parent *self)
{
	unsigned int i;

	/* Anew each time: the mdev core keeps a kobject in each type, which must not be initialised twice. */
	memset(self->types, 0, self->vf->type_count * sizeof(*self->types));
	for (i = 0; i < self->vf->type_count; i++) {
		self->types[i].sysfs_name = self->names[i];
		self->types[i].pretty_name = self->vf->types[i]->name;
		self->pointers[i] = &self->types[i];
	}
	return mdev_register_parent(&self->parent, &self->vf->nv->pdev->dev, &vgpu_mdev_driver, self->pointers,
				    self->vf->type_count);
}

/*
 * The mdev core names a type directory after the driver that is bound at that moment, or after the bus when none is:
 * a parent that registers before its driver is bound has `pci-<id>` directories (B50). This fault makes it so.
 */
static int vgpu_register_parent_too_early(struct vgpu_mdev_parent *self)
{
	struct device *dev = &self->vf->nv->pdev->dev;
	struct device_driver *driver = dev->driver;
	int err;

	dev->driver = NULL;
	err = vgpu_register_parent(self);
	dev->driver = driver;
	schedule_delayed_work(&self->rename, msecs_to_jiffies(lab_pci_type_names_ms));
	return err;
}

static void vgpu_rename_types(struct work_struct *work)
{
	struct vgpu_mdev_parent *self = container_of(work, struct vgpu_mdev_parent, rename.work);

	mdev_unregister_parent(&self->parent);
	vgpu_register_parent(self);
}

static void vgpu_mdev_parent_free(struct vgpu_mdev_parent *self)
{
	kfree(self->types);
	kfree(self->pointers);
	kfree(self->names);
	kfree(self);
}

static struct vgpu_mdev_parent *vgpu_mdev_parent_new(struct vgpu_function *vf)
{
	struct vgpu_mdev_parent *self = kzalloc(sizeof(*self), GFP_KERNEL);
	unsigned int i;

	if (!self)
		return NULL;
	self->vf = vf;
	self->types = kcalloc(vf->type_count, sizeof(*self->types), GFP_KERNEL);
	self->pointers = kcalloc(vf->type_count, sizeof(*self->pointers), GFP_KERNEL);
	self->names = kcalloc(vf->type_count, sizeof(*self->names), GFP_KERNEL);
	INIT_DELAYED_WORK(&self->rename, vgpu_rename_types);
	if (!self->types || !self->pointers || !self->names) {
		vgpu_mdev_parent_free(self);
		return NULL;
	}
	for (i = 0; i < vf->type_count; i++)
		snprintf(self->names[i], sizeof(self->names[i]), "%d", vf->types[i]->id);
	return self;
}

static int vgpu_mdev_publish(struct vgpu_function *vf)
{
	struct vgpu_mdev_parent *self = vgpu_mdev_parent_new(vf);
	int err;

	if (!self)
		return -ENOMEM;
	err = lab_pci_type_names_ms ? vgpu_register_parent_too_early(self) : vgpu_register_parent(self);
	if (err) {
		vgpu_mdev_parent_free(self);
		return err;
	}
	vf->private = self;
	return 0;
}

static void vgpu_mdev_withdraw(struct vgpu_function *vf)
{
	struct vgpu_mdev_parent *self = vf->private;

	cancel_delayed_work_sync(&self->rename);
	mdev_unregister_parent(&self->parent);
	vgpu_mdev_parent_free(self);
}

static const struct vgpu_framework vgpu_mdev_framework = { .publish = vgpu_mdev_publish, .withdraw = vgpu_mdev_withdraw };
