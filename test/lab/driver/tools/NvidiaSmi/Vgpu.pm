# nvidia-smi vgpu: the table, -q, the supported (-s) and creatable (-c) types, and mixed-size mode (-shm).
package NvidiaSmi::Vgpu;
use strict;
use warnings;

sub run {
    my ($host, $option) = @_;
    if (!$host->{vgpu}) { print "No supported devices in vGPU mode\n"; return 0 }
    return set_mixed_sizes($host, $option->{'-shm'}) if exists $option->{'-shm'};
    return report($host) if $option->{'-q'};
    return types($host, $option->{'-v'}, sub { 1 }) if $option->{'-s'};
    return types($host, $option->{'-v'}, \&creatable) if $option->{'-c'};
    return table($host);
}

sub table {
    my ($host) = @_;
    print NvidiaSmi::Host::now(), "\n";
    print '+', '-' x 77, "+\n";
    printf "| NVIDIA-SMI %-22s Driver Version: %-25s |\n", $host->{version}, $host->{version};
    print '|', '-' x 33, '+', '-' x 30, '+', '-' x 12, "+\n";
    print "| GPU  Name                       | Bus-Id                       | GPU-Util   |\n";
    print "|      vGPU ID     Name           | VM ID     VM Name            | vGPU-Util  |\n";
    print '|', '=' x 33, '+', '=' x 30, '+', '=' x 12, "|\n";
    for my $gpu ($host->gpus) {
        printf "| %3d  %-26s | %-28s | %3s%%       |\n", $gpu->{index}, NvidiaSmi::Host::shorten($gpu->{name}, 26), NvidiaSmi::Host::bus_id($gpu), 0;
        for my $vgpu (grep { $_->{user} } $host->vgpus($gpu)) {
            printf "|      %-11s %-14s | %-9s %-18s | %6s%%    |\n", $vgpu->{id}, NvidiaSmi::Host::shorten($vgpu->{name}, 14), $vgpu->{user}, vm_name($vgpu), 0;
        }
        print '+', '-' x 33, '+', '-' x 30, '+', '-' x 12, "+\n";
    }
    return 0;
}

# From QEMU's command line, as the real plugin has it.
sub vm_words { my ($vgpu) = @_; open(my $file, '<', "/proc/$vgpu->{user}/cmdline") or return; local $/; return split /\0/, <$file> // '' }
sub vm_name { my ($vgpu) = @_; return (map { /^guest=([^,]*)/ } vm_words($vgpu))[0] // '' }
sub vm_uuid { my ($vgpu) = @_; my @words = vm_words($vgpu); for my $i (1 .. $#words) { return $words[$i] if $words[ $i - 1 ] eq '-uuid' } return '' }

sub report {
    my ($host) = @_;
    for my $gpu ($host->gpus) {
        my @running = grep { $_->{user} } $host->vgpus($gpu);
        my %size = map { $_->{id} => $_->{fb} } $host->types($gpu);
        print 'GPU ', NvidiaSmi::Host::bus_id($gpu), "\n";
        $host->field(1, 'Active vGPUs', scalar @running);
        for my $vgpu (@running) {
            $host->field(1, 'vGPU ID', $vgpu->{id});
            $host->field(2, 'VM UUID', vm_uuid($vgpu));
            $host->field(2, 'VM Name', vm_name($vgpu));
            $host->field(2, 'vGPU Name', $vgpu->{name});
            $host->field(2, 'vGPU Type', $vgpu->{type});
            $host->field(2, 'MDEV UUID', $vgpu->{uuid}) if $vgpu->{uuid} ne '-';
            $host->field(2, 'Guest Driver Version', 'N/A');
            $host->field(2, 'License Status', 'N/A (Expiry: N/A)');
            $host->field(2, 'GPU Instance ID', 'N/A');
            $host->field(2, 'FB Memory Usage');
            $host->field(3, 'Total', ($size{ $vgpu->{type} } // 0) . ' MiB');
        }
    }
    return 0;
}

# Creatable now: the rules of the kernel module, in short. A card with vGPUs takes their framebuffer size only.
sub creatable {
    my ($host, $gpu, $type) = @_;
    my @vgpus = $host->vgpus($gpu);
    return 0 if $gpu->{mig} != ($type->{profile} ne '-');
    return 1 if $gpu->{mig} || !@vgpus;
    my ($first) = grep { $_->{id} == $vgpus[0]{type} } $host->types($gpu);
    return $first->{fb} == $type->{fb} && @vgpus < $type->{max};
}

# Type ids are in hex here, where sysfs has them in decimal (B88).
sub types {
    my ($host, $verbose, $wanted) = @_;
    for my $gpu ($host->gpus) {
        print 'GPU ', NvidiaSmi::Host::bus_id($gpu), "\n";
        for my $type (grep { $wanted->($host, $gpu, $_) } $host->types($gpu)) {
            if (!$verbose) { print "    $type->{name}\n"; next }
            $host->field(1, 'vGPU Type ID', sprintf '0x%x', $type->{id});
            $host->field(2, 'Name', $type->{name});
            $host->field(2, 'GPU Instance Profile ID', $type->{profile} eq '-' ? 'N/A' : $type->{profile});
            $host->field(2, 'Max Instances', $type->{max});
            $host->field(2, 'FB Memory', "$type->{fb} MiB");
            $host->field(2, 'Display Heads', $type->{heads});
            $host->field(2, 'Frame Rate Limit', "$type->{frl} FPS");
        }
    }
    return 0;
}

sub set_mixed_sizes {
    my ($host, $on) = @_;
    for my $gpu ($host->gpus) {
        my $error = $host->control('hetero', $gpu, $on);
        if ($error) {
            print "Unable to set vGPU heterogeneous mode for GPU ", NvidiaSmi::Host::bus_id($gpu), ": In use by another client\n" if $error =~ /busy/;
            print "Unable to set vGPU heterogeneous mode for GPU ", NvidiaSmi::Host::bus_id($gpu), ": Not Supported\n" if $error !~ /busy/;
            return $error =~ /busy/ ? 19 : 3;
        }
        printf "%s vGPU heterogeneous mode for GPU %s\n", $on ? 'Enabled' : 'Disabled', NvidiaSmi::Host::bus_id($gpu);
    }
    return 0;
}

1;
