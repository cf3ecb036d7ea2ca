// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI driver `nvidia`: it binds GPUs (PFs) of cards that its branch knows, and their VFs. It has no
 * sriov_configure, so the kernel refuses a raw write to sriov_numvfs (B31), as with the real driver.
 */
static unsigned int lab_vf_delay_ms;
module_param(lab_vf_delay_ms, uint, 0644);
MODULE_PARM_DESC(lab_vf_delay_ms, "binding a VF takes so long");

void nv_gpu_get(struct nv_gpu *gpu)
{
	kref_get(&gpu->ref);
}
EXPORT_SYMBOL_GPL(nv_gpu_get);

static void nv_gpu_free(struct kref *ref)
{
	struct nv_gpu *gpu = container_of(ref, struct nv_gpu, ref);

	pci_dev_put(gpu->pdev);
	kfree(gpu);
}

void nv_gpu_put(struct nv_gpu *gpu)
{
	kref_put(&gpu->ref, nv_gpu_free);
}
EXPORT_SYMBOL_GPL(nv_gpu_put);

struct nv_gpu *nv_find_gpu(const char *bdf)
{
	struct nv_gpu *gpu;

	list_for_each_entry(gpu, &nv_gpus, list)
		if (!strcmp(gpu->bdf, bdf))
			return gpu;
	return NULL;
}

/* On a vGPU host the open modules drive no card older than Ada (is_vgpu_host_package.txt of R550 and later). */
static bool nv_drives(const struct nv_card *card)
{
	static const char * const proprietary_only[] = { "Pascal", "Volta", "Turing", "Ampere" };

	return !NV_VGPU || !NV_OPEN || match_string(proprietary_only, ARRAY_SIZE(proprietary_only), card->architecture) < 0;
}

static const struct nv_card *nv_card_of(const struct pci_dev *pdev)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nv_cards); i++)
		if (nv_cards[i].device == pdev->device && nv_cards[i].subdevice == pdev->subsystem_device &&
		    nv_cards[i].min_branch <= NV_BRANCH && NV_BRANCH <= nv_cards[i].max_branch && nv_drives(&nv_cards[i]))
			return &nv_cards[i];
	return NULL;
}

/* An unlocked P10 passes for a P40 (the vgpu_unlock patch does that to the real driver); the lab's firmware says so. */
static bool nv_is_unlocked(const struct pci_dev *pdev)
{
	const struct dmi_device *string = NULL;
	char start[24];

	snprintf(start, sizeof(start), "lab-card=%04x:%02x ", pci_domain_nr(pdev->bus), pdev->bus->number);
	while ((string = dmi_find_device(DMI_DEV_TYPE_OEM_STRING, NULL, string)))
		if (strstarts(string->name, start) && strstr(string->name, " unlocked"))
			return true;
	return false;
}

static struct nv_gpu *nv_new_gpu(struct pci_dev *pdev, const struct nv_card *card)
{
	struct nv_gpu *gpu = kzalloc(sizeof(*gpu), GFP_KERNEL);
	u64 serial = pci_get_dsn(pdev);

	if (!gpu)
		return NULL;
	kref_init(&gpu->ref);
	INIT_LIST_HEAD(&gpu->vgpus);
	gpu->pdev = pci_dev_get(pdev);
	gpu->card = card;
	gpu->types_device = nv_is_unlocked(pdev) ? 0x1b38 : card->device;
	strscpy(gpu->bdf, pci_name(pdev), sizeof(gpu->bdf));
	/* The UUID belongs to the card, not to its slot: it follows the serial number (B26). */
	snprintf(gpu->uuid, sizeof(gpu->uuid), "GPU-%08x-1ab0-4ab0-8ab0-%012x", (u32)(serial >> 32), (u32)serial);
	gpu->mig = nv_mode(gpu)->mig;
	gpu->mig_pending = nv_mode(gpu)->pending;
	return gpu;
}

static void nv_insert_by_address(struct nv_gpu *gpu)
{
	struct nv_gpu *other;

	list_for_each_entry(other, &nv_gpus, list)
		if (strcmp(gpu->bdf, other->bdf) < 0)
			break;
	list_add_tail(&gpu->list, &other->list);
}

/* drvdata: of a GPU its struct nv_gpu, of a VF its struct nv_function. */
static int nv_probe_gpu(struct pci_dev *pdev)
{
	const struct nv_card *card = nv_card_of(pdev);
	struct nv_gpu *gpu;
	int err;

	if (!card) {
		pci_info(pdev, "NVRM: The NVIDIA GPU %s (PCI ID: %04x:%04x) is not supported by the %s driver release.\n",
			 pci_name(pdev), pdev->vendor, pdev->device, NV_VERSION);
		return -ENODEV;
	}
	gpu = nv_new_gpu(pdev, card);
	if (!gpu)
		return -ENOMEM;
	mutex_lock(&nv_lock);
	err = nv_node_create(gpu);
	if (!err)
		nv_insert_by_address(gpu);
	mutex_unlock(&nv_lock);
	if (err) {
		nv_gpu_put(gpu);
		return err;
	}
	nv_procfs_add_gpu(gpu);
	pci_set_drvdata(pdev, gpu);
	if (NV_VGPU && !nv_is_sriov(gpu))
		nv_add_function(pdev, gpu);
	return 0;
}

static void nv_remove_gpu(struct pci_dev *pdev)
{
	struct nv_gpu *gpu = pci_get_drvdata(pdev);
	struct nv_function *own = nv_find_function(pdev);

	if (own)
		nv_remove_function(own);
	nv_procfs_remove_gpu(gpu);
	mutex_lock(&nv_lock);
	gpu->gone = true;
	list_del(&gpu->list);
	mutex_unlock(&nv_lock);
	nv_node_destroy(gpu);
	nv_gpu_put(gpu);
}

static struct pci_driver nv_driver;

/* The refusals are those of kernel-open/nvidia/nv-pci.c; each leaves the VF there, without a driver. */
static int nv_probe_vf(struct pci_dev *pdev)
{
	struct pci_dev *pf = pci_physfn(pdev);
	struct nv_gpu *gpu = pf->driver == &nv_driver ? pci_get_drvdata(pf) : NULL;
	struct nv_function *function;

	if (!gpu) {
		pci_info(pdev, "NVRM: Aborting probe for VF %s since PF is not bound to nvidia driver.\n", pci_name(pdev));
		return -ENODEV;
	}
	if (!pdev->dev.iommu_group) {
		pci_info(pdev, "NVRM: Aborting probe for VF %s since IOMMU is not present on the system.\n", pci_name(pdev));
		return -ENODEV;
	}
	if (!NV_VGPU || !nv_is_sriov(gpu))
		return -ENODEV;
	msleep(lab_vf_delay_ms);
	function = nv_add_function(pdev, gpu);
	if (IS_ERR(function))
		return PTR_ERR(function);
	pci_set_drvdata(pdev, function);
	__module_get(THIS_MODULE);	/* rmmod is refused while VFs are on (B99) */
	return 0;
}

static int nv_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return pdev->is_virtfn ? nv_probe_vf(pdev) : nv_probe_gpu(pdev);
}

static void nv_remove(struct pci_dev *pdev)
{
	if (!pdev->is_virtfn) {
		nv_remove_gpu(pdev);
		return;
	}
	nv_remove_function(pci_get_drvdata(pdev));
	module_put(THIS_MODULE);
}

/* A GPU that was reset through sysfs does not come back before a reboot (B97). */
static void nv_reset_done(struct pci_dev *pdev)
{
	struct nv_gpu *gpu = pci_get_drvdata(pdev);

	if (pdev->is_virtfn)
		return;
	gpu->lost = true;
	pci_err(pdev, "NVRM: Xid (PCI:%s): 79, GPU has fallen off the bus.\n", gpu->bdf);
}

static const struct pci_error_handlers nv_error_handlers = { .reset_done = nv_reset_done };

static const struct pci_device_id nv_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_NVIDIA, PCI_ANY_ID), .class = PCI_CLASS_DISPLAY_3D << 8, .class_mask = ~0 },
	{ PCI_DEVICE(PCI_VENDOR_ID_NVIDIA, PCI_ANY_ID), .class = PCI_CLASS_DISPLAY_VGA << 8, .class_mask = ~0 },
	{}
};
MODULE_DEVICE_TABLE(pci, nv_ids);

static struct pci_driver nv_driver = {
	.name = "nvidia", .id_table = nv_ids, .probe = nv_probe, .remove = nv_remove, .err_handler = &nv_error_handlers,
};
