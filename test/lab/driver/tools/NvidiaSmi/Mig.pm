# nvidia-smi -mig and nvidia-smi mig: as much as SR-IOV and time-sliced vGPUs are seen to depend on.
package NvidiaSmi::Mig;
use strict;
use warnings;

sub set_mode {
    my ($host, $on) = @_;
    for my $gpu ($host->gpus) {
        my $bus_id = NvidiaSmi::Host::bus_id($gpu);
        my $error = $host->control('mig', $gpu, $on);
        if ($error =~ /busy/) {
            print "Unable to ", $on ? 'enable' : 'disable', " MIG Mode for GPU $bus_id: In use by another client\n";
            return 19;
        }
        if ($error) { print "Unable to enable MIG Mode for GPU $bus_id: Not Supported\n"; return 3 }
        print $on ? 'Enabled' : 'Disabled', " MIG Mode for GPU $bus_id\n";
    }
    print "All done.\n";
    return 0;
}

# id, name and total of a GPU's instance profiles, from the package's table
sub profiles {
    my ($gpu) = @_;
    return map { my ($device, $id, $name, $total) = split /\t/; $device eq $gpu->{device} ? { id => $id, name => $name, total => $total } : () }
        NvidiaSmi::Host::lines('/usr/lib/nvidia/standin/tables/profiles.tsv');
}

sub run {
    my ($host, $option) = @_;
    my ($gpu) = grep { $_->{migcap} } $host->gpus;
    if (!$gpu || (!$gpu->{mig} && !$option->{'-lgip'})) { print "No MIG-enabled devices found.\n"; return $host->{branch} >= 580 ? 0 : 6 }
    return list_profiles($host, $gpu) if $option->{'-lgip'};
    return list_instances($host, $gpu) if $option->{'-lgi'};
    return create($host, $gpu, $option->{'-cgi'}) if $option->{'-cgi'};
    return destroy($host, $gpu, $option->{'-gi'} // 'all') if $option->{'-dgi'};
    if ($option->{'-lci'} || $option->{'-dci'}) { print "No compute instances found: Not Found\n"; return 6 }
    return 2;
}

# Two rows a profile; the box is two columns wider in R580. The figures after the memory are rough.
sub list_profiles {
    my ($host, $gpu) = @_;
    my $extra = $host->{branch} >= 580 ? 2 : 0;
    my $rule = '-' x (77 + $extra);
    my $pad = ' ' x $extra;
    my %used;
    $used{ $_->{profile} }++ for $host->instances($gpu);
    print "+$rule+\n";
    printf "| %-*s |\n", 75 + $extra, $_ for 'GPU instance profiles:', "GPU   Name  $pad           ID    Instances   Memory     P2P    SM    DEC   ENC",
        "            $pad                 Free/Total   GiB              CE    JPEG  OFA";
    print '|', '=' x (77 + $extra), "|\n";
    for my $profile (profiles($gpu)) {
        my ($slices, $gb) = $profile->{name} =~ /^(\d+)g\.(\d+)gb/;
        my $media = $profile->{name} =~ /\+me/ ? 1 : 0;
        printf "|%4d  %-*s%5s%6s/%-9s%-11.2f%-3s%6s%6s%6s   |\n", $gpu->{index}, 15 + $extra, "MIG $profile->{name}", $profile->{id},
            $profile->{total} - ($used{ $profile->{id} } // 0), $profile->{total}, $gb - 0.25, 'No', 14 * $slices, $media || int($gb / 10), 0;
        printf "|%*s%6s%6s   |\n", 62 + $extra, $slices, $media, $media;
        print "+$rule+\n";
    }
    return 0;
}

sub list_instances {
    my ($host, $gpu) = @_;
    my %name = map { $_->{id} => $_->{name} } profiles($gpu);
    my @instances = $host->instances($gpu);
    if (!@instances) { print "No GPU instances found: Not Found\n"; return 6 }
    print '+', '-' x 55, "+\n";
    printf "| %-53s |\n", $_ for 'GPU instances:', 'GPU   Name             Profile  Instance   Placement', '                         ID       ID       Start:Size';
    print '|', '=' x 55, "|\n";
    printf "| %3d  %-19s %4d  %7d  %12s   |\n", $gpu->{index}, "MIG $name{$_->{profile}}", $_->{profile}, $_->{gi}, '0:1' for @instances;
    print '+', '-' x 55, "+\n";
    return 0;
}

sub create {
    my ($host, $gpu, $list) = @_;
    my %by_name = map { ($_->{name} => $_, $_->{id} => $_) } profiles($gpu);
    for my $wanted (split /,/, $list) {
        my $profile = $by_name{$wanted};
        my $error = $profile ? $host->control('gi-create', $gpu, $profile->{id}) : 'Invalid Argument';
        if ($error) { print "Unable to create a GPU instance on GPU  $gpu->{index} using profile $wanted: ", $error =~ /space/ ? 'Insufficient Resources' : 'Invalid Argument', "\n"; return 19 }
        my ($made) = reverse grep { $_->{profile} == $profile->{id} } $host->instances($gpu);
        printf "Successfully created GPU instance ID %2d on GPU %2d using profile MIG %s (ID %2d)\n", $made->{gi}, $gpu->{index}, $profile->{name}, $profile->{id};
    }
    return 0;
}

sub destroy {
    my ($host, $gpu, $id) = @_;
    my @instances = grep { $id eq 'all' || $_->{gi} == $id } $host->instances($gpu);
    for my $instance (@instances) {
        if ($host->control('gi-destroy', $gpu, $instance->{gi})) { print "Unable to destroy GPU instance ID  $instance->{gi} from GPU  $gpu->{index}: In use by another client\n"; return 19 }
        printf "Successfully destroyed GPU instance ID %2d from GPU %2d\n", $instance->{gi}, $gpu->{index};
    }
    if (!@instances) { print "No GPU instances found: Not Found\n"; return 6 }
    return 0;
}

1;
