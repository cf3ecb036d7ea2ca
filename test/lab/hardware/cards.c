// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cards of this host. The firmware names them, one SMBIOS OEM string each (QEMU: -smbios type=11,value=...), so
 * that hardware is described outside the guest's disk, as hardware is:
 *
 *   lab-card=DDDD:BB device subdevice class vfs first_vf framebuffer_mib slot serial
 *
 * domain, bus and ids in hex, the rest decimal. For example `lab-card=0000:82 1b39 1217 0302 0 0 23040 3 1`.
 */
#include <linux/dmi.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "labpci.h"

/* BAR1 of card n starts here: above all that QEMU's q35 maps, below the 40 address bits of its default CPU. */
#define BAR1_BASE(n) (0x8000000000ULL + (u64)(n) * SZ_64G)
#define SZ_64G (64ULL << 30)

static struct lab_card *cards[LABPCI_MAX_CARDS];
static unsigned int card_count;

struct lab_card *lab_card_of(struct pci_bus *bus)
{
	return container_of((struct pci_sysdata *)bus->sysdata, struct lab_card, sysdata);
}

/* Is this one of our functions? By sysdata: dev->bus of a PCI device is not set yet while its bus is scanned. */
bool lab_owns(struct device *dev)
{
	unsigned int i;

	if (dev->bus != &pci_bus_type)
		return false;
	for (i = 0; i < card_count; i++)
		if (to_pci_dev(dev)->bus->sysdata == &cards[i]->sysdata)
			return true;
	return false;
}

static bool parse_spec(const char *text, struct lab_card_spec *s)
{
	return sscanf(text, "lab-card=%x:%x %x %x %x %u %u %u %u %u", &s->domain, &s->bus, &s->device, &s->subdevice,
		      &s->class, &s->vfs, &s->first_vf, &s->framebuffer_mib, &s->slot, &s->serial) == 10 &&
	       s->bus >= 2 && s->bus <= 0xff && s->first_vf + s->vfs <= 256;
}

static void name_slot(struct lab_card *card)
{
	struct pci_bus *bus = pci_find_bus(card->spec.domain, card->spec.bus);
	char name[12];

	snprintf(name, sizeof(name), "%u", card->spec.slot);
	if (bus)
		card->slot = pci_create_slot(bus, 0, name, NULL);
	if (IS_ERR(card->slot))
		card->slot = NULL;
}

static int plug_in(struct lab_card *card)
{
	LIST_HEAD(windows);

	card->sysdata.domain = card->spec.domain;
	card->sysdata.node = 0;
	card->busses = (struct resource){ .name = "labpci", .flags = IORESOURCE_BUS,
					  .start = lab_root_bus(card), .end = card->spec.bus };
	pci_add_resource(&windows, &card->busses);
	pci_add_resource(&windows, &iomem_resource);

	pci_lock_rescan_remove();
	card->root = pci_scan_root_bus(NULL, lab_root_bus(card), &lab_pci_ops, &card->sysdata, &windows);
	if (card->root) {
		pci_bus_claim_resources(card->root);
		name_slot(card);
		pci_bus_add_devices(card->root);
	}
	pci_unlock_rescan_remove();
	return card->root ? 0 : -ENODEV;
}

static void pull_out(struct lab_card *card)
{
	if (card->root) {
		pci_lock_rescan_remove();
		if (card->slot)
			pci_destroy_slot(card->slot);
		pci_stop_root_bus(card->root);
		pci_remove_root_bus(card->root);
		pci_unlock_rescan_remove();
	}
	lab_config_space_free(card);
	kfree(card);
}

static int add_card(const struct lab_card_spec *spec)
{
	struct lab_card *card = kzalloc(sizeof(*card), GFP_KERNEL);
	int err;

	if (!card)
		return -ENOMEM;
	card->spec = *spec;
	err = lab_config_space_create(card, BAR1_BASE(card_count));
	if (err) {
		kfree(card);
		return err;
	}
	cards[card_count++] = card;	/* before the scan: lab_owns() is asked during it */
	return plug_in(card);
}

static int by_address(const void *a, const void *b)
{
	const struct lab_card_spec *left = a, *right = b;

	return (int)(left->domain << 8 | left->bus) - (int)(right->domain << 8 | right->bus);
}

/* In address order, whatever the order of the strings: drivers number GPUs as the bus lists them. */
static void __init add_cards(void)
{
	struct lab_card_spec specs[LABPCI_MAX_CARDS];
	const struct dmi_device *string = NULL;
	unsigned int count = 0, i;

	while ((string = dmi_find_device(DMI_DEV_TYPE_OEM_STRING, NULL, string))) {
		if (!strstarts(string->name, "lab-card="))
			continue;
		if (count == LABPCI_MAX_CARDS || !parse_spec(string->name, &specs[count]))
			pr_err("labpci: cannot use '%s'\n", string->name);
		else
			count++;
	}
	sort(specs, count, sizeof(specs[0]), by_address, NULL);
	for (i = 0; i < count; i++)
		if (add_card(&specs[i]))
			pr_err("labpci: card at %04x:%02x failed\n", specs[i].domain, specs[i].bus);
}

static int __init labpci_init(void)
{
	int err = lab_iommu_groups_init() ?: lab_nouveau_init();

	if (err)
		return err;
	add_cards();
	pr_info("labpci: %u software cards\n", card_count);
	return 0;
}

static void __exit labpci_exit(void)
{
	while (card_count)
		pull_out(cards[--card_count]);
	lab_nouveau_exit();
	lab_iommu_groups_exit();
}

module_init(labpci_init);
module_exit(labpci_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test-lab hardware: NVIDIA cards on a software PCI bus (holds no NVIDIA code)");
