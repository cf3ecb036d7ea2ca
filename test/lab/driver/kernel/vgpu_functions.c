// SPDX-License-Identifier: GPL-2.0-only
/*
 * When a function gets its types, and by which framework. They come with the function when nvidia-vgpud has written the
 * table before; with the table otherwise. lab_types_need_vgpud makes each VF wait for a run of nvidia-vgpud of its own,
 * as hosts do on which the daemon ran before the VFs were there (B21).
 */
static unsigned int lab_types_late_ms;
module_param(lab_types_late_ms, uint, 0644);
MODULE_PARM_DESC(lab_types_late_ms, "types of a function appear after so long");
static bool lab_types_need_vgpud;
module_param(lab_types_need_vgpud, bool, 0644);
MODULE_PARM_DESC(lab_types_need_vgpud, "VFs have no types until nvidia-vgpud runs again");
static char *lab_framework = "auto";
module_param(lab_framework, charp, 0444);
MODULE_PARM_DESC(lab_framework, "auto, mdev or vendor, for all VFs of this host");

/*
 * Which hosts use type files is a matter of driver branch, GPU generation and kernel (R550 and later). The lab has one
 * kernel, so branch and generation decide; lab_framework stands for the rest.
 */
static const struct vgpu_framework *vgpu_choose_framework(const struct nv_gpu *gpu)
{
#if NV_MDEV
	static const char * const mdev_generations[] = { "Pascal", "Volta", "Turing", "Ampere" };

	if (!nv_is_sriov(gpu) || !strcmp(lab_framework, "mdev"))
		return &vgpu_mdev_framework;
	if (strcmp(lab_framework, "vendor") && (NV_BRANCH < 550 || match_string(mdev_generations,
				ARRAY_SIZE(mdev_generations), gpu->card->architecture) >= 0))
		return &vgpu_mdev_framework;
#endif
	return &vgpu_vendor_framework;
}

static void vgpu_publish(struct vgpu_function *vf)
{
	if (vf->published || vf->dead || nv_is_refused(vf->nv->gpu) || vgpu_collect_types(vf) <= 0)
		return;
	vf->published = !vf->framework->publish(vf);
}

static void vgpu_publish_late(struct work_struct *work)
{
	vgpu_publish(container_of(work, struct vgpu_function, publish.work));
}

static void vgpu_offer(struct vgpu_function *vf)
{
	if (lab_types_late_ms)
		schedule_delayed_work(&vf->publish, msecs_to_jiffies(lab_types_late_ms));
	else
		vgpu_publish(vf);
}

static LIST_HEAD(vgpu_functions);
static DEFINE_MUTEX(vgpu_functions_lock);	/* a function comes or goes, or nvidia-vgpud runs */

static int vgpu_add_function(struct nv_function *nv)
{
	struct vgpu_function *vf = kzalloc(sizeof(*vf), GFP_KERNEL);

	if (!vf)
		return -ENOMEM;
	vf->nv = nv;
	vf->framework = vgpu_choose_framework(nv->gpu);
	vf->dead = nv->pdev->is_virtfn && !atomic_read(&vgpu_managers);
	INIT_DELAYED_WORK(&vf->publish, vgpu_publish_late);
	nv->vgpus = vf;
	mutex_lock(&vgpu_functions_lock);
	list_add_tail(&vf->list, &vgpu_functions);
	if (!nv->pdev->is_virtfn || !lab_types_need_vgpud)
		vgpu_offer(vf);
	mutex_unlock(&vgpu_functions_lock);
	return 0;
}

static void vgpu_remove_function(struct nv_function *nv)
{
	struct vgpu_function *vf = nv->vgpus;

	if (!vf)
		return;
	mutex_lock(&vgpu_functions_lock);
	list_del(&vf->list);
	mutex_unlock(&vgpu_functions_lock);
	cancel_delayed_work_sync(&vf->publish);
	if (vf->published)
		vf->framework->withdraw(vf);
	nv->vgpus = NULL;
	kfree(vf->types);
	kfree(vf);
}

static void vgpu_offer_all(void)
{
	struct vgpu_function *vf;

	mutex_lock(&vgpu_functions_lock);
	list_for_each_entry(vf, &vgpu_functions, list)
		vgpu_offer(vf);
	mutex_unlock(&vgpu_functions_lock);
}

static void vgpu_show(struct seq_file *out, struct nv_gpu *gpu)
{
	struct vgpu *vgpu;

	list_for_each_entry(vgpu, &gpu->vgpus, list) {
		seq_printf(out, "gpu=%s function=%s id=%u type=%d uuid=%s user=%d placement=%d ", gpu->bdf,
			   pci_name(vgpu->vf->nv->pdev), vgpu->id, vgpu->type->id, vgpu->uuid, vgpu->user, vgpu->placement);
		if (vgpu->instance)
			seq_printf(out, "gi=%d ", vgpu->instance->id);
		seq_printf(out, "name=%s\n", vgpu->type->name);
	}
}

/* What a GPU can take now, and the placement ids of its time-sliced types. */
static void vgpu_show_types(struct seq_file *out, struct nv_gpu *gpu)
{
	unsigned int i, n;

	for (i = 0; i < vgpu_type_count; i++) {
		const struct vgpu_type *type = &vgpu_types[i];

		if (type->device != gpu->types_device)
			continue;
		seq_printf(out, "gpu=%s type=%d creatable=%d supported=", gpu->bdf, type->id, vgpu_fits(gpu, type));
		for (n = 0; type->gi_profile < 0 && n < vgpu_places(gpu, NULL, type); n++)
			if (vgpu_place(gpu, NULL, type, n) >= 0)
				seq_printf(out, "%d,", vgpu_place(gpu, NULL, type, n));
		seq_puts(out, " free=");
		for (n = 0; type->gi_profile < 0 && vgpu_fits(gpu, type) && n < vgpu_places(gpu, NULL, type); n++)
			if (vgpu_place(gpu, NULL, type, n) >= 0 && !vgpu_is_taken(gpu, NULL, type, vgpu_place(gpu, NULL, type, n)))
				seq_printf(out, "%d,", vgpu_place(gpu, NULL, type, n));
		seq_puts(out, "\n");
	}
}

static const struct nv_vgpu_ops vgpu_ops = {
	.add = vgpu_add_function, .remove = vgpu_remove_function, .show = vgpu_show, .show_types = vgpu_show_types,
};
