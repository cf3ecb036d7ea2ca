// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lets the distribution's own nouveau bind to the software cards. It would touch registers that are not there, so its
 * probe and remove return success at once for our functions, and run unchanged for anything else.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

#include "labpci.h"

static int succeed_for_our_cards(struct kprobe *probe, struct pt_regs *regs);

static struct kprobe probes[] = {
	{ .symbol_name = "nouveau_drm_probe", .pre_handler = succeed_for_our_cards },
	{ .symbol_name = "nouveau_drm_remove", .pre_handler = succeed_for_our_cards },
};
static bool armed[ARRAY_SIZE(probes)];

/* A function whose only instruction is the return. Leaving by it keeps the stack as the caller left it. */
asm(".pushsection .text\n.type labpci_return, @function\nlabpci_return:\n" ASM_RET
    ".size labpci_return, . - labpci_return\n.popsection\n");
extern void labpci_return(void);

static int succeed_for_our_cards(struct kprobe *probe, struct pt_regs *regs)
{
	struct pci_dev *pdev = (struct pci_dev *)regs->di;	/* first argument of both functions */

	if (!lab_owns(&pdev->dev))
		return 0;
	regs->ax = 0;
	regs->ip = (unsigned long)labpci_return;
	return 1;
}

static void arm(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		probes[i].addr = NULL;	/* found by name again: the module may have moved */
		probes[i].flags = 0;
		armed[i] = !register_kprobe(&probes[i]);
	}
}

static void disarm(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		if (armed[i])
			unregister_kprobe(&probes[i]);
		armed[i] = false;
	}
}

static int module_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct module *module = data;

	if (strcmp(module->name, "nouveau"))
		return NOTIFY_DONE;
	if (event == MODULE_STATE_COMING)
		arm();
	else if (event == MODULE_STATE_GOING)
		disarm();
	return NOTIFY_OK;
}

static struct notifier_block module_events = { .notifier_call = module_event };

int lab_nouveau_init(void) { return register_module_notifier(&module_events); }

void lab_nouveau_exit(void)
{
	unregister_module_notifier(&module_events);
	disarm();
}
