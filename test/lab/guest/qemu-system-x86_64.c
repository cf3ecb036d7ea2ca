/*
 * A VM as far as a vGPU host can tell: a process with QEMU's name and command line that holds its vGPUs open. It is
 * the lab's own stand-in and runs no guest.
 *
 *   qemu-system-x86_64 -name guest=cad-01 -uuid <uuid> [-pidfile FILE] [-daemonize] \
 *       -device vfio-pci,sysfsdev=/sys/bus/mdev/devices/<uuid>     (or vfio-pci,host=<address>)
 *
 * It opens /dev/vfio/<IOMMU group> of each device, and through the group the device, as QEMU does; then it waits to be
 * ended. Other options are accepted and ignored. Exit 1 with QEMU's words when a device cannot be had.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/vfio.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void device_path(const char *option, char *path, size_t size)
{
	const char *value;

	if ((value = strstr(option, "sysfsdev=")))
		snprintf(path, size, "%.*s", (int)strcspn(value + 9, ","), value + 9);
	else if ((value = strstr(option, "host=")))
		snprintf(path, size, "/sys/bus/pci/devices/%.*s", (int)strcspn(value + 5, ","), value + 5);
	else
		snprintf(path, size, "%s", "");
}

static void refuse(const char *option, const char *device, const char *group)
{
	fprintf(stderr, "qemu-system-x86_64: -device %s: vfio %s: error getting device from group %s: %s\n", option, device,
		group, strerror(errno));
	fprintf(stderr, "Verify all devices in group %s are bound to vfio-<bus> or pci-stub and not already in use\n", group);
	exit(1);
}

/* A VFIO group of the kernel gives its device through a container. A VF with type files has a group of the driver's own,
 * which takes none of these calls: there the open group is all. */
static void open_through_container(const char *option, int group, const char *device, const char *group_name)
{
	int container = open("/dev/vfio/vfio", O_RDWR);

	if (container < 0)
		return;
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container)) {
		if (errno == ENOTTY)
			return;
		refuse(option, device, group_name);
	}
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) || ioctl(group, VFIO_GROUP_GET_DEVICE_FD, device) < 0)
		refuse(option, device, group_name);
}

static void attach(const char *option)
{
	char path[PATH_MAX], link[PATH_MAX], node[PATH_MAX + 16], *device, *group_name;
	ssize_t length;
	int group;

	device_path(option, path, sizeof(path));
	device = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	snprintf(node, sizeof(node), "%s/iommu_group", path);
	length = readlink(node, link, sizeof(link) - 1);
	if (length < 0)
		refuse(option, device, "?");
	link[length] = '\0';
	group_name = basename(link);
	snprintf(node, sizeof(node), "/dev/vfio/%s", group_name);
	group = open(node, O_RDWR);
	if (group < 0)
		refuse(option, device, group_name);
	open_through_container(option, group, device, group_name);
}

static void write_pid(const char *path)
{
	FILE *file = path ? fopen(path, "w") : NULL;

	if (!file)
		return;
	fprintf(file, "%d\n", getpid());
	fclose(file);
}

/* The parent waits until the child has its devices, and exits as it did: 0, or 1 when the child ended first. */
static int go_to_background(void)
{
	int outcome[2];
	char ready;

	if (pipe(outcome))
		exit(1);
	if (fork()) {
		close(outcome[1]);
		exit(read(outcome[0], &ready, 1) == 1 ? 0 : 1);
	}
	close(outcome[0]);
	setsid();
	return outcome[1];
}

static void report_ready(int outcome)
{
	if (write(outcome, "y", 1) != 1)
		exit(1);
	close(outcome);
	if (!freopen("/dev/null", "r", stdin) || !freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
		exit(1);
}

int main(int argc, char **argv)
{
	const char *pidfile = NULL;
	int i, outcome = -1;

	/* Into the background first: the user of a group is the process that opened it. */
	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], "-daemonize"))
			outcome = go_to_background();
	for (i = 1; i + 1 < argc; i++) {
		if (!strcmp(argv[i], "-device"))
			attach(argv[i + 1]);
		else if (!strcmp(argv[i], "-pidfile"))
			pidfile = argv[i + 1];
	}
	write_pid(pidfile);
	if (outcome >= 0)
		report_ready(outcome);
	for (;;)
		pause();
}
