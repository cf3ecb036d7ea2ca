# nvidia-smi vgpu: the table, -q, the supported (-s) and creatable (-c) types, and mixed-size mode (-shm).
package NvidiaSmi::Vgpu;
use strict;

sub run {
    my ($host, $option) = @_;
    if (!$host->{vgpu}) { print "No supported devices in vGPU mode\n"; return 0 }
    return set_mixed_sizes($host, $option->{'-shm'}) if exists $option->{'-shm'};
    return report($host) if $option->{'-q'};
    return types($host, $option->{'-v'}, 'Supported') if $option->{'-s'};
    return types($host, $option->{'-v'}, 'Creatable') if $option->{'-c'};
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
        printf "| %3d  %-26s | %-28s | %4s       |\n", $gpu->{index}, NvidiaSmi::Host::shorten($gpu->{name}, 26), NvidiaSmi::Host::bus_id($gpu), $gpu->{mig} ? 'N/A' : '0%';
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
            $host->field(2, 'GPU Instance ID', $vgpu->{gi} // 'N/A');
            $host->field(2, 'Placement ID', $vgpu->{placement}) if $host->{branch} >= 550;
            $host->field(2, 'FB Memory Usage');
            $host->field(3, 'Total', ($size{ $vgpu->{type} } // 0) . ' MiB');
        }
    }
    return 0;
}

# Supported types, or those that can be created now. Type ids are in hex here, where sysfs has them in decimal (B88).
sub types {
    my ($host, $verbose, $which) = @_;
    for my $gpu ($host->gpus) {
        my %now = map { $_->{type} => $_ } $host->listed('types', $gpu);
        print 'GPU ', NvidiaSmi::Host::bus_id($gpu), "\n";
        for my $type (grep { my $has = $now{ $_->{id} }; $has && ($which eq 'Supported' || $has->{creatable}) } $host->types($gpu)) {
            if (!$verbose) { print "    $type->{name}\n"; next }
            $host->field(1, 'vGPU Type ID', sprintf '0x%x', $type->{id});
            $host->field(2, 'Name', $type->{name});
            $host->field(2, 'GPU Instance Profile ID', $type->{profile} eq '-' ? 'N/A' : $type->{profile});
            $host->field(2, 'Max Instances', $type->{max});
            $host->field(2, 'Max Instances Per GI', per_instance($gpu, $type)) if $host->{branch} >= 575;
            $host->field(2, 'FB Memory', "$type->{fb} MiB");
            $host->field(2, 'Display Heads', $type->{heads});
            $host->field(2, 'Frame Rate Limit', "$type->{frl} FPS");
            placements($host, $gpu, $type, $which, $now{ $type->{id} });
        }
    }
    return 0;
}

# From R565 on in equal-size mode, too (B152).
sub placements {
    my ($host, $gpu, $type, $which, $now) = @_;
    return if $type->{profile} ne '-' || $gpu->{vgpumode} ne 'sriov' || !($gpu->{hetero} eq '1' || $host->{branch} >= 565);
    my $ids = $which eq 'Supported' ? $now->{supported} : $now->{free};
    $host->field(2, "$which Placement IDs", join ' ', split /,/, $ids // '');
    $host->field(2, 'Placement Size', $type->{fb} / 1024);
}

sub per_instance {
    my ($gpu, $type) = @_;
    return 'N/A' if $type->{profile} eq '-';
    require NvidiaSmi::Mig;
    my ($profile) = grep { $_->{id} == $type->{profile} } NvidiaSmi::Mig::profiles($gpu);
    return $type->{max} / $profile->{total};
}

sub set_mixed_sizes {
    my ($host, $on) = @_;
    if ($host->{branch} < 550) { print "Option \"-shm\" is not recognized. Please run 'nvidia-smi vgpu -h'.\n"; return 2 }
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
