# nvidia-smi mig: what GPU instances a GPU can have, and which it has.
package NvidiaSmi::Mig;
use strict;

# The GPU instance profiles of a GPU, from the package's table.
sub profiles {
    my ($gpu) = @_;
    my @columns = qw(device id name total size starts gib sm dec enc ce jpeg ofa);
    my @rows = map { my %row; @row{@columns} = split /\t/; \%row } NvidiaSmi::Host::lines('/usr/lib/nvidia/standin/tables/profiles.tsv');
    return map { { %$_, starts => [ split / /, $_->{starts} ] } } grep { $_->{device} eq $gpu->{device} } @rows;
}

sub profile_of { my ($gpu, $instance) = @_; return (grep { $_->{id} == $instance->{profile} } profiles($gpu))[0] }

sub run {
    my ($host, $option) = @_;
    return help() if $option->{'-h'};
    my @capable = grep { $_->{migcap} } $host->gpus;
    my @enabled = grep { $_->{mig} } @capable;
    if ($option->{'-lgip'} || $option->{'-lgipp'}) {
        if (!@capable) { print "No MIG-supported devices found.\n"; return 6 }
        return $option->{'-lgip'} ? list_profiles($host, @capable) : list_placements(@capable);
    }
    if (!@enabled) { print "No MIG-enabled devices found.\n"; return $host->{branch} >= 580 ? 0 : 6 }
    return list_instances($host, @enabled) if $option->{'-lgi'};
    return list_compute_instances($host, @enabled) if $option->{'-lci'};
    require NvidiaSmi::MigChange;
    for my $gpu (@enabled) {
        my $status = NvidiaSmi::MigChange::run($host, $gpu, $option);
        return $status if $status;
    }
    return 0;
}

sub help {
    my %release = NvidiaSmi::Host::release();
    my $place = $release{BRANCH} >= 535 ? ', optionally followed by a : and a placement start index' : '';
    print "    nvidia-smi mig -- Multi Instance GPU management (stand-in of a test lab).\n\n";
    print "    [-lgip]: List supported GPU instance profiles.\n    [-lgipp]: List possible GPU instance placements.\n";
    print "    [-cgi]: Create GPU instances for the given profile tuples: names or IDs$place; comma separated.\n";
    print "    [-C]: Create the default compute instance as well.\n    [-lgi], [-lci]: List GPU instances, compute instances.\n";
    print "    [-dgi], [-dci]: Destroy GPU instances, compute instances; all, or those of -gi.\n    [-cci]: Create a compute instance.\n";
    return 0;
}

# A box is two columns wider in R580.
sub box {
    my ($host, $width, @head) = @_;
    my $rule = '-' x $width;
    print "+$rule+\n";
    printf "| %-*s|\n", $width - 1, $_ for @head;
    print '|', '=' x $width, "|\n";
    return "+$rule+\n";
}

sub pad { my ($host) = @_; return ' ' x ($host->{branch} >= 580 ? 2 : 0) }

# Two lines a profile.
sub list_profiles {
    my ($host, @gpus) = @_;
    my $pad = pad($host);
    my $rule = box($host, 77 + length $pad, 'GPU instance profiles:', "GPU   Name  $pad           ID    Instances   Memory     P2P    SM    DEC   ENC",
        "            $pad                 Free/Total   GiB              CE    JPEG  OFA");
    for my $gpu (@gpus) {
        my %free = map { $_->{profile} => $_->{free} } $host->listed('profiles', $gpu);
        for my $profile (profiles($gpu)) {
            my $free = $gpu->{mig} ? $free{ $profile->{id} } : $profile->{total};
            my $row = sprintf "|%4d  %-*s%4s%8s        %-11s%-3s%6s%6s%6s", $gpu->{index}, 16 + length $pad, "MIG $profile->{name}", $profile->{id},
                "$free/$profile->{total}", $profile->{gib}, 'No', @$profile{qw(sm dec enc)};
            printf "%-*s|\n", 78 + length $pad, $row;
            printf "%-*s|\n", 78 + length $pad, sprintf '|%*s%6s%6s', 62 + length $pad, @$profile{qw(ce jpeg ofa)};
            print $rule;
        }
    }
    return 0;
}

sub list_placements {
    for my $gpu (@_) {
        for my $profile (profiles($gpu)) {
            my @starts = @{ $profile->{starts} };
            printf "GPU %2d Profile ID %2d Placement%s: {%s}:%d\n", $gpu->{index}, $profile->{id}, @starts > 1 ? 's' : ' ', join(',', @starts), $profile->{size};
        }
    }
    return 0;
}

# By profile, not by id.
sub list_instances {
    my ($host, @gpus) = @_;
    if (!grep { $host->instances($_) } @gpus) { print "No GPU instances found: Not Found\n"; return 6 }
    my $pad = pad($host);
    my $rule = box($host, 55 + length $pad, 'GPU instances:', "GPU   Name             ${pad}Profile  Instance   Placement", "                       ${pad}  ID       ID       Start:Size");
    for my $gpu (@gpus) {
        for my $profile (profiles($gpu)) {
            for my $instance (grep { $_->{profile} == $profile->{id} } $host->instances($gpu)) {
                my $row = sprintf "| %3d  %-*s %4d  %7d %12s", $gpu->{index}, 16 + length $pad, "MIG $profile->{name}", $profile->{id}, $instance->{gi}, "$instance->{start}:$instance->{size}";
                printf "%-*s|\n%s", 56 + length $pad, $row, $rule;
            }
        }
    }
    return 0;
}

sub list_compute_instances {
    my ($host, @gpus) = @_;
    my @rows = map { my $gpu = $_; map { [ $gpu, $_ ] } grep { $_->{compute} } $host->instances($gpu) } @gpus;
    if (!@rows) { print "No compute instances found: Not Found\n"; return 6 }
    my $pad = pad($host);
    my $rule = box($host, 66 + length $pad, 'Compute instances:', 'GPU     GPU       Name             Profile   Instance   Placement', '      Instance                       ID        ID       Start:Size', '        ID');
    for my $row (@rows) {
        my ($gpu, $instance) = @$row;
        my $text = sprintf "| %3d %6d       %-19s %4d %9d %12s", $gpu->{index}, $instance->{gi}, 'MIG ' . profile_of($gpu, $instance)->{name}, 0, 0, '0:1';
        printf "%-*s|\n%s", 67 + length $pad, $text, $rule;
    }
    return 0;
}

1;
