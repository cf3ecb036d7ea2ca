// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/vfio/<IOMMU group> of a VF with type files. A VM that has the vGPU holds it open, which is how users are found
 * (B98). The kernel's own VFIO groups want an IOMMU domain, which a software bus cannot have, so these are our own.
 */
#define VGPU_MAX_GROUPS 1024

struct vgpu_group {
	struct vgpu_function *vf;
	int minor;
	unsigned int handles;		/* under nv_lock */
	wait_queue_head_t all_closed;
};

static struct class *vgpu_group_class;
static int vgpu_group_major;
static DEFINE_IDR(vgpu_groups);		/* by minor; under nv_lock */

static int vgpu_group_open(struct inode *inode, struct file *file)
{
	struct vgpu_group *group;
	int err = -ENODEV;

	mutex_lock(&nv_lock);
	group = idr_find(&vgpu_groups, iminor(inode));
	if (group && group->vf->occupant) {
		err = 0;
		/* A VM also has the device, which delays its removal; a group alone, opened for reading, does not. */
		if (file->f_mode & FMODE_WRITE) {
			if (!group->handles++)
				vgpu_vm_begins(group->vf->occupant);
			file->private_data = group;
		}
	}
	mutex_unlock(&nv_lock);
	return err;
}

static int vgpu_group_release(struct inode *inode, struct file *file)
{
	struct vgpu_group *group = file->private_data;

	if (!group)
		return 0;
	mutex_lock(&nv_lock);
	if (!--group->handles) {
		if (group->vf->occupant)
			vgpu_vm_ends(group->vf->occupant);
		wake_up_all(&group->all_closed);
	}
	mutex_unlock(&nv_lock);
	return 0;
}

static const struct file_operations vgpu_group_ops = {
	.owner = THIS_MODULE, .open = vgpu_group_open, .release = vgpu_group_release,
};

static char *vgpu_group_devnode(struct device *dev, umode_t *mode)
{
	return kasprintf(GFP_KERNEL, "vfio/%s", dev_name(dev));
}

static struct vgpu_group *vgpu_group_create(struct vgpu_function *vf)
{
	struct vgpu_group *group = kzalloc(sizeof(*group), GFP_KERNEL);

	if (!group)
		return ERR_PTR(-ENOMEM);
	group->vf = vf;
	init_waitqueue_head(&group->all_closed);
	mutex_lock(&nv_lock);
	group->minor = idr_alloc(&vgpu_groups, group, 0, VGPU_MAX_GROUPS, GFP_KERNEL);
	mutex_unlock(&nv_lock);
	if (group->minor < 0) {
		kfree(group);
		return ERR_PTR(-ENOSPC);
	}
	device_create(vgpu_group_class, NULL, MKDEV(vgpu_group_major, group->minor), NULL, "%d",
		      iommu_group_id(vf->nv->pdev->dev.iommu_group));
	return group;
}

/* Waits until every VM has let go, as the removal of a VFIO device does (B47). */
static void vgpu_group_destroy(struct vgpu_group *group)
{
	wait_event(group->all_closed, !READ_ONCE(group->handles));
	device_destroy(vgpu_group_class, MKDEV(vgpu_group_major, group->minor));
	mutex_lock(&nv_lock);
	idr_remove(&vgpu_groups, group->minor);
	mutex_unlock(&nv_lock);
	kfree(group);
}

static int vgpu_group_init(void)
{
	vgpu_group_major = __register_chrdev(0, 0, VGPU_MAX_GROUPS, "nvidia-vfio", &vgpu_group_ops);
	if (vgpu_group_major < 0)
		return vgpu_group_major;
	vgpu_group_class = class_create(THIS_MODULE, "nvidia-vfio");
	if (IS_ERR(vgpu_group_class)) {
		__unregister_chrdev(vgpu_group_major, 0, VGPU_MAX_GROUPS, "nvidia-vfio");
		return PTR_ERR(vgpu_group_class);
	}
	vgpu_group_class->devnode = vgpu_group_devnode;
	return 0;
}

static void vgpu_group_exit(void)
{
	class_destroy(vgpu_group_class);
	__unregister_chrdev(vgpu_group_major, 0, VGPU_MAX_GROUPS, "nvidia-vfio");
}
