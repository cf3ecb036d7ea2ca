/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * labpci: NVIDIA cards on a software PCI bus. It holds no NVIDIA code and drives nothing: it answers configuration
 * space reads, so that the kernel, lspci, libvirt and a driver find the cards as they would on a real board.
 */
#ifndef LABPCI_H
#define LABPCI_H

#include <linux/pci.h>

#define LABPCI_CONFIG_SIZE 4096
#define LABPCI_MAX_CARDS 16

/* What the firmware says about one card; see cards.c for the text form. */
struct lab_card_spec {
	unsigned int domain, bus;
	unsigned int device, subdevice, class;
	unsigned int vfs, first_vf;
	unsigned int framebuffer_mib;
	unsigned int slot, serial;
};

/* A card at domain:bus:00.0 behind a root port at domain:(bus - 2):02.0. */
struct lab_card {
	struct lab_card_spec spec;
	struct pci_sysdata sysdata;
	struct resource busses;
	struct pci_bus *root;
	struct pci_slot *slot;
	u8 *port;		/* configuration space of the root port */
	u8 *function[256];	/* of the PF and its VFs, by devfn */
};

#define LAB_PORT_DEVFN PCI_DEVFN(2, 0)
static inline unsigned int lab_root_bus(const struct lab_card *card) { return card->spec.bus - 2; }

/* config_space.c */
extern struct pci_ops lab_pci_ops;
int lab_config_space_create(struct lab_card *card, u64 bar1);
void lab_config_space_free(struct lab_card *card);

/* cards.c */
bool lab_owns(struct device *dev);
struct lab_card *lab_card_of(struct pci_bus *bus);

/* iommu_groups.c */
int lab_iommu_groups_init(void);
void lab_iommu_groups_exit(void);

/* nouveau.c */
int lab_nouveau_init(void);
void lab_nouveau_exit(void);

#endif
