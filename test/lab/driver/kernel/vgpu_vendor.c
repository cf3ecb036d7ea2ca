// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vendor-specific VFIO framework: each VF has a folder `nvidia` whose file current_vgpu_type is the vGPU (B67 to
 * B72). Forms are those of an L40S host; placement_id and gpu_instance_id answer ENXIO while there is no vGPU (B75).
 */
static struct vgpu_function *vgpu_vf(struct device *dev)
{
	struct nv_function *function = dev_get_drvdata(dev);

	return function->vgpus;
}

static ssize_t creatable_vgpu_types_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
	struct vgpu_function *vf = vgpu_vf(dev);
	ssize_t length = 0;
	unsigned int i;

	mutex_lock(&nv_lock);
	if (vf->nv->gpu->mig && !vf->occupant)	/* the header stays (B121) */
		length += sysfs_emit_at(buffer, length, "ID    : vGPU Name\n");
	for (i = 0; i < vf->type_count; i++) {
		if (!vgpu_creatable(vf, vf->types[i]))
			continue;
		if (!length)
			length += sysfs_emit_at(buffer, length, "ID    : vGPU Name\n");
		length += sysfs_emit_at(buffer, length, "%-5d : %s\n", vf->types[i]->id, vf->types[i]->name);
	}
	mutex_unlock(&nv_lock);
	return length;
}
static DEVICE_ATTR_RO(creatable_vgpu_types);

static ssize_t current_vgpu_type_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
	struct vgpu_function *vf = vgpu_vf(dev);
	int id;

	mutex_lock(&nv_lock);
	id = vf->occupant ? vf->occupant->type->id : 0;
	mutex_unlock(&nv_lock);
	return sysfs_emit(buffer, "%d\n", id);
}

static int vgpu_free(struct vgpu_function *vf)
{
	if (!vf->occupant)
		return 0;
	if (vf->occupant->user)
		return -EBUSY;
	vgpu_destroy(vf->occupant);
	return 0;
}

static int vgpu_set_type(struct vgpu_function *vf, int id)
{
	unsigned int i;

	for (i = 0; i < vf->type_count; i++)
		if (vf->types[i]->id == id)
			return PTR_ERR_OR_ZERO(vgpu_create(vf, vf->types[i], "-"));
	pci_err(vf->nv->pdev, "NVRM: vGPU type %d is not supported\n", id);
	return -EIO;
}

static ssize_t current_vgpu_type_store(struct device *dev, struct device_attribute *attribute, const char *text, size_t length)
{
	struct vgpu_function *vf = vgpu_vf(dev);
	int id, err = kstrtoint(text, 10, &id);

	if (err)
		return err;
	err = id ? vgpu_set_type(vf, id) : vgpu_free(vf);
	return err ?: length;
}
static DEVICE_ATTR_RW(current_vgpu_type);

static ssize_t gpu_instance_id_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
	struct vgpu_function *vf = vgpu_vf(dev);
	ssize_t length = -ENXIO;

	mutex_lock(&nv_lock);
	if (vf->occupant && vf->occupant->instance)
		length = sysfs_emit(buffer, "%d\n", vf->occupant->instance->id);
	mutex_unlock(&nv_lock);
	return length;
}
static DEVICE_ATTR_RO(gpu_instance_id);

static ssize_t placement_id_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
	struct vgpu_function *vf = vgpu_vf(dev);
	ssize_t length = -ENXIO;

	mutex_lock(&nv_lock);
	if (vf->occupant)
		length = sysfs_emit(buffer, "%d\n", vf->occupant->placement);
	mutex_unlock(&nv_lock);
	return length;
}
static DEVICE_ATTR_RO(placement_id);

static ssize_t vgpu_params_vf_show(struct device *dev, struct device_attribute *attribute, char *buffer)
{
	struct vgpu_function *vf = vgpu_vf(dev);
	ssize_t length;

	mutex_lock(&nv_lock);
	length = sysfs_emit(buffer, "%s\n", vf->occupant ? vf->occupant->params : "");
	mutex_unlock(&nv_lock);
	return length;
}

static ssize_t vgpu_params_vf_store(struct device *dev, struct device_attribute *attribute, const char *text, size_t length)
{
	struct vgpu_function *vf = vgpu_vf(dev);
	ssize_t result = -ENXIO;

	mutex_lock(&nv_lock);
	if (vf->occupant && length && length <= sizeof(vf->occupant->params)) {
		strscpy(vf->occupant->params, text, length);	/* the last character is consumed (B61) */
		result = length;
	}
	mutex_unlock(&nv_lock);
	return result;
}
static struct device_attribute dev_attr_vgpu_params_vf = __ATTR(vgpu_params, 0644, vgpu_params_vf_show, vgpu_params_vf_store);

static struct attribute *vgpu_vendor_attributes[] = {
	&dev_attr_creatable_vgpu_types.attr, &dev_attr_current_vgpu_type.attr, &dev_attr_gpu_instance_id.attr,
	&dev_attr_placement_id.attr, &dev_attr_vgpu_params_vf.attr, NULL
};
static const struct attribute_group vgpu_vendor_group = { .name = "nvidia", .attrs = vgpu_vendor_attributes };

static int vgpu_vendor_publish(struct vgpu_function *vf)
{
	struct vgpu_group *group = vgpu_group_create(vf);
	int err;

	if (IS_ERR(group))
		return PTR_ERR(group);
	vf->private = group;
	err = sysfs_create_group(&vf->nv->pdev->dev.kobj, &vgpu_vendor_group);
	if (err)
		vgpu_group_destroy(group);
	return err;
}

static void vgpu_vendor_withdraw(struct vgpu_function *vf)
{
	vgpu_group_destroy(vf->private);
	sysfs_remove_group(&vf->nv->pdev->dev.kobj, &vgpu_vendor_group);
	if (vf->occupant)
		vgpu_destroy(vf->occupant);
}

static const struct vgpu_framework vgpu_vendor_framework = { .publish = vgpu_vendor_publish, .withdraw = vgpu_vendor_withdraw };
