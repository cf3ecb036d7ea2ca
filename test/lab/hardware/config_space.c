// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space: what a root port, a PF and its VFs answer, and the few registers that can be written.
 * Register offsets are those of include/uapi/linux/pci_regs.h.
 */
#include <linux/log2.h>
#include <linux/slab.h>

#include "labpci.h"

#define PCIE_CAP 0x60
#define DSN_CAP 0x100
#define ARI_CAP 0x150
#define SRIOV_CAP 0x200
#define AER_CAP 0x420
#define MAX_BAR1 (64ULL << 30)

static void put16(u8 *space, unsigned int at, u16 value) { memcpy(space + at, &value, 2); }
static void put32(u8 *space, unsigned int at, u32 value) { memcpy(space + at, &value, 4); }
static u16 get16(const u8 *space, unsigned int at) { u16 value; memcpy(&value, space + at, 2); return value; }

static u8 *config_of(struct pci_bus *bus, unsigned int devfn)
{
	struct lab_card *card = lab_card_of(bus);

	if (bus->number == card->spec.bus)
		return card->function[devfn];
	return bus->number == lab_root_bus(card) && devfn == LAB_PORT_DEVFN ? card->port : NULL;
}

static int config_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *value)
{
	u8 *space = config_of(bus, devfn);

	*value = 0;
	if (space && where + size <= LABPCI_CONFIG_SIZE)
		memcpy(value, space + where, size);
	else
		*value = ~0u >> (32 - 8 * size);	/* nobody answers: all ones */
	return PCIBIOS_SUCCESSFUL;
}

/* BAR1 is 64 bits wide. Writing all ones and reading back tells the size, so its low bits are fixed. */
static void write_bar1(struct lab_card *card, u8 *space, int where, u32 value)
{
	u64 size = min_t(u64, roundup_pow_of_two((u64)card->spec.framebuffer_mib << 20), MAX_BAR1);
	u64 mask = ~(size - 1);

	if (where == PCI_BASE_ADDRESS_1)
		put32(space, where, (value & (u32)mask) | PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH);
	else
		put32(space, where, value & (u32)(mask >> 32));
}

static bool writable(int where)
{
	switch (where) {
	case PCI_COMMAND:
	case PCI_CACHE_LINE_SIZE:
	case PCI_INTERRUPT_LINE:
	case PCIE_CAP + PCI_EXP_DEVCTL:
	case PCIE_CAP + PCI_EXP_DEVCTL2:
	case SRIOV_CAP + PCI_SRIOV_CTRL:
	case SRIOV_CAP + PCI_SRIOV_NUM_VF:
	case SRIOV_CAP + PCI_SRIOV_SYS_PGSIZE:
		return true;
	default:
		return false;
	}
}

static int config_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 value)
{
	struct lab_card *card = lab_card_of(bus);
	u8 *space = config_of(bus, devfn);

	if (!space || where + size > LABPCI_CONFIG_SIZE)
		return PCIBIOS_SUCCESSFUL;
	if (space == card->function[0] && size == 4 && (where == PCI_BASE_ADDRESS_1 || where == PCI_BASE_ADDRESS_2))
		write_bar1(card, space, where, value);
	else if (writable(where))
		memcpy(space + where, &value, size);
	/* A function-level reset is over at once: the bit never reads back as set. */
	if (where == PCIE_CAP + PCI_EXP_DEVCTL)
		put16(space, where, get16(space, where) & ~PCI_EXP_DEVCTL_BCR_FLR);
	return PCIBIOS_SUCCESSFUL;
}

struct pci_ops lab_pci_ops = { .read = config_read, .write = config_write };

static u8 *new_space(u16 vendor, u16 device, u16 class, u8 header_type)
{
	u8 *space = kzalloc(LABPCI_CONFIG_SIZE, GFP_KERNEL);

	if (!space)
		return NULL;
	put16(space, PCI_VENDOR_ID, vendor);
	put16(space, PCI_DEVICE_ID, device);
	put16(space, PCI_STATUS, PCI_STATUS_CAP_LIST);
	put16(space, PCI_CLASS_DEVICE, class);
	space[PCI_REVISION_ID] = 0xa1;
	space[PCI_HEADER_TYPE] = header_type;
	space[PCI_CAPABILITY_LIST] = PCIE_CAP;
	return space;
}

static void add_pcie(u8 *space, unsigned int type)
{
	u16 link = PCI_EXP_LNKSTA_CLS_8_0GB | (16 << PCI_EXP_LNKSTA_NLW_SHIFT);

	space[PCIE_CAP] = PCI_CAP_ID_EXP;
	put16(space, PCIE_CAP + PCI_EXP_FLAGS, 2 | (type << 4));
	put32(space, PCIE_CAP + PCI_EXP_DEVCAP, type == PCI_EXP_TYPE_ENDPOINT ? PCI_EXP_DEVCAP_FLR : 0);
	put32(space, PCIE_CAP + PCI_EXP_DEVCAP2, PCI_EXP_DEVCAP2_ARI);
	put32(space, PCIE_CAP + PCI_EXP_LNKCAP, link);
	put16(space, PCIE_CAP + PCI_EXP_LNKSTA, link);
}

/* Extended capabilities form a chain that starts at 0x100. */
static void add_extended(u8 *space, unsigned int at, u16 id, unsigned int next)
{
	put32(space, at, id | (1 << 16) | (next << 20));
}

static void add_sriov(u8 *space, const struct lab_card_spec *spec)
{
	add_extended(space, SRIOV_CAP, PCI_EXT_CAP_ID_SRIOV, AER_CAP);
	put16(space, SRIOV_CAP + PCI_SRIOV_INITIAL_VF, spec->vfs);
	put16(space, SRIOV_CAP + PCI_SRIOV_TOTAL_VF, spec->vfs);
	put16(space, SRIOV_CAP + PCI_SRIOV_VF_OFFSET, spec->first_vf);
	put16(space, SRIOV_CAP + PCI_SRIOV_VF_STRIDE, 1);
	put16(space, SRIOV_CAP + PCI_SRIOV_VF_DID, spec->device);
	put32(space, SRIOV_CAP + PCI_SRIOV_SUP_PGSIZE, 0x553);
	put32(space, SRIOV_CAP + PCI_SRIOV_SYS_PGSIZE, 1);
}

static u8 *physical_function(const struct lab_card_spec *spec, u64 bar1)
{
	u8 *space = new_space(PCI_VENDOR_ID_NVIDIA, spec->device, spec->class, PCI_HEADER_TYPE_NORMAL);

	if (!space)
		return NULL;
	put16(space, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	put16(space, PCI_SUBSYSTEM_VENDOR_ID, PCI_VENDOR_ID_NVIDIA);
	put16(space, PCI_SUBSYSTEM_ID, spec->subdevice);
	put32(space, PCI_BASE_ADDRESS_1, PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH);
	put32(space, PCI_BASE_ADDRESS_2, bar1 >> 32);
	space[PCI_INTERRUPT_PIN] = 1;
	space[PCI_INTERRUPT_LINE] = 100 + spec->slot;
	add_pcie(space, PCI_EXP_TYPE_ENDPOINT);
	add_extended(space, DSN_CAP, PCI_EXT_CAP_ID_DSN, ARI_CAP);
	put32(space, DSN_CAP + 4, spec->serial);
	put32(space, DSN_CAP + 8, (u32)spec->device << 16 | spec->subdevice);
	add_extended(space, ARI_CAP, PCI_EXT_CAP_ID_ARI, spec->vfs ? SRIOV_CAP : AER_CAP);
	if (spec->vfs)
		add_sriov(space, spec);
	add_extended(space, AER_CAP, PCI_EXT_CAP_ID_ERR, 0);
	return space;
}

/* A VF answers 0xffff for vendor and device, as real ones do; its subsystem is 10de:0000 (A2 host, sysfs). */
static u8 *virtual_function(const struct lab_card_spec *spec)
{
	u8 *space = new_space(0xffff, 0xffff, spec->class, PCI_HEADER_TYPE_NORMAL);

	if (!space)
		return NULL;
	put16(space, PCI_SUBSYSTEM_VENDOR_ID, PCI_VENDOR_ID_NVIDIA);
	add_pcie(space, PCI_EXP_TYPE_ENDPOINT);
	put32(space, PCIE_CAP + PCI_EXP_LNKCAP, 0);
	put16(space, PCIE_CAP + PCI_EXP_LNKSTA, 0);
	return space;
}

/* 8086:2f04, a Xeon E5 v3 root port, as on the host of the how-to page whose output the lab reproduces. */
static u8 *root_port(const struct lab_card *card, u64 bar1)
{
	u8 *space = new_space(PCI_VENDOR_ID_INTEL, 0x2f04, PCI_CLASS_BRIDGE_PCI, PCI_HEADER_TYPE_BRIDGE);
	u64 limit = bar1 + MAX_BAR1 - 1;

	if (!space)
		return NULL;
	put16(space, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	space[PCI_PRIMARY_BUS] = lab_root_bus(card);
	space[PCI_SECONDARY_BUS] = card->spec.bus;
	space[PCI_SUBORDINATE_BUS] = card->spec.bus;
	space[PCI_IO_BASE] = 0xf0;		/* base above limit: no I/O window, */
	put16(space, PCI_MEMORY_BASE, 0xfff0);	/* and no 32-bit one */
	put16(space, PCI_PREF_MEMORY_BASE, PCI_PREF_RANGE_TYPE_64 | (bar1 >> 16 & 0xfff0));
	put16(space, PCI_PREF_MEMORY_LIMIT, PCI_PREF_RANGE_TYPE_64 | (limit >> 16 & 0xfff0));
	put32(space, PCI_PREF_BASE_UPPER32, bar1 >> 32);
	put32(space, PCI_PREF_LIMIT_UPPER32, limit >> 32);
	add_pcie(space, PCI_EXP_TYPE_ROOT_PORT);
	return space;
}

int lab_config_space_create(struct lab_card *card, u64 bar1)
{
	unsigned int vf;
	bool complete;

	card->port = root_port(card, bar1);
	card->function[0] = physical_function(&card->spec, bar1);
	complete = card->port && card->function[0];
	for (vf = 0; complete && vf < card->spec.vfs; vf++) {
		card->function[card->spec.first_vf + vf] = virtual_function(&card->spec);
		complete = card->function[card->spec.first_vf + vf];
	}
	if (!complete)
		lab_config_space_free(card);
	return complete ? 0 : -ENOMEM;
}

void lab_config_space_free(struct lab_card *card)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(card->function); i++)
		kfree(card->function[i]);
	memset(card->function, 0, sizeof(card->function));
	kfree(card->port);
	card->port = NULL;
}
