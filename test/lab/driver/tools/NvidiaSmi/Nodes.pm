# The nodes of MIG below /dev/nvidia-caps, which the kernel module does not make (B113).
package NvidiaSmi::Nodes;
use strict;

my $mknod     = 133;                             # the number of the system call: no process is started for a node
my $character = 0020444;
my $all       = '/proc/driver/nvidia/capabilities';

sub make {
    my ($major) = map { /^\s*(\d+) nvidia-caps$/ } NvidiaSmi::Host::lines('/proc/devices');
    for my $access (glob "$all/mig/* $all/gpu*/mig/gi*/access $all/gpu*/mig/gi*/ci*/access") {
        my ($minor) = map { /^DeviceFileMinor: (\d+)/ } NvidiaSmi::Host::lines($access) or next;
        my $node = "/dev/nvidia-caps/nvidia-cap$minor";
        mkdir '/dev/nvidia-caps';
        syscall($mknod, $node, $character, $major << 8 | $minor & 0xff | ($minor & ~0xff) << 12) unless -e $node;
    }
}

1;
