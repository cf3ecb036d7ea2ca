// SPDX-License-Identifier: GPL-2.0-only
/*
 * MIG mode and mixed-size mode. GA100 and GA30 keep the MIG mode in their InfoROM, which a file of the guest stands for
 * (nvidia-smi writes it); newer cards have it as long as the module is loaded (B89). Both outlive a binding of the PF, and
 * with it struct nv_gpu, so the mode is kept here (B37); GPU instances and mixed-size mode do not (B39).
 */
static unsigned int lab_mig_busy, lab_mig_timeout, lab_reset_nothing, lab_gi_create_busy, lab_gi_create_nothing, lab_gi_destroy_busy;
module_param(lab_mig_busy, uint, 0644);
MODULE_PARM_DESC(lab_mig_busy, "the next n changes of MIG mode, and resets, find another client");
module_param(lab_mig_timeout, uint, 0644);
MODULE_PARM_DESC(lab_mig_timeout, "the next n changes of MIG mode of GA100 and GA30 take too long, and are pending");
module_param(lab_reset_nothing, uint, 0644);
MODULE_PARM_DESC(lab_reset_nothing, "the next n resets of a GPU succeed and change nothing");
module_param(lab_gi_create_busy, uint, 0644);
MODULE_PARM_DESC(lab_gi_create_busy, "the next n creations of a first GPU instance find another client");
module_param(lab_gi_create_nothing, uint, 0644);
MODULE_PARM_DESC(lab_gi_create_nothing, "the next n creations of a GPU instance succeed and create nothing");
module_param(lab_gi_destroy_busy, uint, 0644);
MODULE_PARM_DESC(lab_gi_destroy_busy, "the next n removals of a GPU instance find another client");

static char *NVreg_RegistryDwords;	/* as the real module's, which can be given at load only */
module_param(NVreg_RegistryDwords, charp, 0644);

static struct nv_mode { char uuid[48]; bool mig, pending; } nv_modes[NV_MAX_MINOR];
static char *nv_inforom;	/* UUIDs of the cards whose InfoROM has MIG mode on, or NULL */

static bool nv_counts_down(unsigned int *knob)
{
	if (!*knob)
		return false;
	(*knob)--;
	return true;
}

/* GA100 and GA30: the mode changes by a reset of the GPU, which needs it to have no other client (B135). */
static bool nv_has_inforom(const struct nv_gpu *gpu)
{
	return !strcmp(gpu->card->architecture, "Ampere");
}

/* A workstation card has MIG in display-less mode only, as it has VFs (B117). */
static bool nv_has_mig(const struct nv_gpu *gpu)
{
	return gpu->card->mig && pci_sriov_get_totalvfs(gpu->pdev) > 0;
}

static struct nv_mode *nv_mode(const struct nv_gpu *gpu)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nv_modes) - 1 && nv_modes[i].uuid[0]; i++)
		if (!strcmp(nv_modes[i].uuid, gpu->uuid))
			return &nv_modes[i];
	strscpy(nv_modes[i].uuid, gpu->uuid, sizeof(nv_modes[i].uuid));
	nv_modes[i].mig = nv_modes[i].pending = nv_inforom && nv_has_inforom(gpu) && strstr(nv_inforom, gpu->uuid);
	return &nv_modes[i];
}

static void nv_inforom_read(void)
{
	void *text = NULL;
	ssize_t length = kernel_read_file_from_path("/var/lib/nvidia-standin/inforom", 0, &text, 4096, NULL, READING_UNKNOWN);

	if (length > 0)
		nv_inforom = kmemdup_nul(text, length, GFP_KERNEL);
	if (length >= 0)
		vfree(text);
}

/* Other than nvidia-smi, which asks. */
static bool nv_has_other_clients(const struct nv_gpu *gpu)
{
	return gpu->clients - gpu->yielding > 1;
}

static void nv_apply_mode(struct nv_gpu *gpu, bool on)
{
	gpu->mig = nv_mode(gpu)->mig = on;
	gpu->hetero = gpu->accounting = false;	/* B130 */
	nv_caps_remove_all(gpu);
	memset(gpu->instances, 0, sizeof(gpu->instances));
}

/* -EINPROGRESS: the mode is pending, since the GPU has another client (B136); -ETIMEDOUT: pending, too (B142). */
static int nv_set_mig(struct nv_gpu *gpu, bool on)
{
	bool busy;

	if (!nv_has_mig(gpu))
		return -EOPNOTSUPP;
	if (pci_num_vf(gpu->pdev) || gpu->vgpu_count)
		return -EBUSY;	/* B82, B128 */
	busy = nv_has_other_clients(gpu) || nv_counts_down(&lab_mig_busy);
	if (busy && !nv_has_inforom(gpu))
		return -EBUSY;
	gpu->mig_pending = nv_mode(gpu)->pending = on;
	if (gpu->mig == on)
		return 0;
	if (busy)
		return -EINPROGRESS;
	if (nv_has_inforom(gpu) && nv_counts_down(&lab_mig_timeout))
		return -ETIMEDOUT;
	nv_apply_mode(gpu, on);
	return 0;
}

/* `nvidia-smi --gpu-reset` */
static int nv_reset(struct nv_gpu *gpu)
{
	if (gpu->clients > 1 || pci_num_vf(gpu->pdev) || nv_counts_down(&lab_mig_busy))
		return -EBUSY;
	if (nv_counts_down(&lab_reset_nothing) || gpu->mig == gpu->mig_pending)
		return 0;
	if (nv_is_divided(gpu) && !gpu->mig_pending)
		pci_warn(gpu->pdev, "NVRM: Skipping reinitialization of persistent MIG instances due to MIG disablement!\n");
	nv_apply_mode(gpu, gpu->mig_pending);
	return 0;
}

/* `RmPVMRL=0x11`, perhaps with a time slice in its second byte (vGPU User Guide). */
static bool nv_has_fixed_share(void)
{
	const char *key = "RmPVMRL=", *found;
	bool is_fixed;

	kernel_param_lock(THIS_MODULE);
	found = NVreg_RegistryDwords ? strstr(NVreg_RegistryDwords, key) : NULL;
	is_fixed = found && (simple_strtoul(found + strlen(key), NULL, 0) & 0xff) == 0x11;
	kernel_param_unlock(THIS_MODULE);
	return is_fixed;
}

/* Without VFs it is taken, and lost when they are enabled (B148). Turing and older, a card in MIG mode (B90), and one with
 * the fixed-share scheduler (B153) cannot. */
static int nv_set_hetero(struct nv_gpu *gpu, bool on)
{
	if (!nv_is_sriov(gpu) || gpu->mig || NV_BRANCH < 550 || (on && nv_has_fixed_share()))
		return -EOPNOTSUPP;
	if (gpu->vgpu_count)
		return -EBUSY;
	gpu->hetero = on;
	return 0;
}

static int nv_set_accounting(struct nv_gpu *gpu, bool on)
{
	if (gpu->mig)
		return -EOPNOTSUPP;
	gpu->accounting = on;
	return 0;
}
