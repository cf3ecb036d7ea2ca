# nvidia-smi -mig, --gpu-reset, and the commands of nvidia-smi mig that change something.
package NvidiaSmi::MigChange;
use strict;

my $in_use = 'In use by another client';

# The text decides, not the last line, nor the exit code of a pending mode (B83, B116).
sub set_mode {
    my ($host, $on) = @_;
    my ($done, $verb) = $on ? ('Enabled', 'enable') : ('Disabled', 'disable');
    for my $gpu ($host->gpus) {
        my $bus_id = NvidiaSmi::Host::bus_id($gpu);
        my $error = $host->control('mig', $gpu, $on);
        if ($error =~ /busy/) { print "Unable to $verb MIG Mode for GPU $bus_id: $in_use\n"; return 19 }
        if ($error =~ /in progress/) {
            print "Warning: MIG mode is in pending $verb state for GPU $bus_id:$in_use\n";
            print "$bus_id is currently being used by one or more other processes (e.g. CUDA application or a monitoring application such as another instance of nvidia-smi). Please first kill all processes using the device and retry the command or reboot the system to make MIG mode effective.\n";
        }
        elsif ($error =~ /timed out/) {
            print "Warning: MIG mode is in pending $verb state for GPU $bus_id:Timeout\nReboot the system or try nvidia-smi --gpu-reset to make MIG mode effective on GPU $bus_id\n";
        }
        elsif ($error) { print "Unable to $verb MIG Mode for GPU $bus_id: Not Supported\nTreating as warning and moving on.\n" }
        else {
            print "$done MIG Mode for GPU $bus_id\n";
            print "\nWarning: persistence mode is disabled on device $bus_id. See the Known Issues section of the nvidia-smi(1) man page for more information. Run with [--help | -h] switch to get more information on how to enable persistence mode.\n";
        }
    }
    save_inforom();
    print "All done.\n";
    return 0;
}

# The InfoROM of the cards that keep their MIG mode over a reboot (B89): the file that the kernel module reads when it is loaded.
sub save_inforom {
    my @on = map { $_->{uuid} } grep { $_->{inforom} && $_->{pending} } map { NvidiaSmi::Host::fields($_) } NvidiaSmi::Host::lines('/proc/driver/nvidia/standin/gpus');
    my $folder = '/var/lib/nvidia-standin';
    mkdir $folder;
    open(my $file, '>', "$folder/inforom") or return;
    print $file map { "$_\n" } @on;
    $file->flush;
    $file->sync;
    close $file;
}

sub reset {
    my ($host) = @_;
    for my $gpu ($host->gpus) {
        my $bus_id = NvidiaSmi::Host::bus_id($gpu);
        if ($host->control('reset', $gpu, 0)) {
            print "The following GPUs could not be reset:\n  GPU $bus_id: $in_use\n\n1 device is currently being used by one or more other processes (e.g., Fabric Manager, CUDA application, graphics application such as an X server, or a monitoring application such as another instance of nvidia-smi). Please first kill all processes using this device and all compute applications running in the system.\n";
            return 19;
        }
        print "GPU $bus_id was successfully reset.\n";
    }
    print "All done.\n";
    return 0;
}

sub run {
    my ($host, $gpu, $option) = @_;
    my @wanted = split /,/, $option->{'-gi'} // '';
    my @instances = grep { my $gi = $_->{gi}; !@wanted || grep { $_ == $gi } @wanted } $host->instances($gpu);
    return create($host, $gpu, $option->{'-cgi'}, $option->{'-C'}) if defined $option->{'-cgi'};
    return create_compute($host, $gpu, @instances) if defined $option->{'-cci'};
    return destroy_compute($host, $gpu, @instances) if $option->{'-dci'};
    return destroy($host, $gpu, @instances) if $option->{'-dgi'};
    return 2;
}

my %reason = (space => [ 'Insufficient Resources', 23 ], busy => [ $in_use, 19 ], Invalid => [ 'Invalid Argument', 2 ]);

# A list stops at the first failure, and keeps what it has created (B104). The failing line repeats the profile as typed (B105).
sub create {
    my ($host, $gpu, $list, $with_compute) = @_;
    my %by_name = map { ($_->{name} => $_, "MIG $_->{name}" => $_, $_->{id} => $_) } NvidiaSmi::Mig::profiles($gpu);
    for my $typed (split /,/, $list) {
        my ($wanted, $start) = $typed =~ /^([^:]+)(?::(\d+))?$/;
        my $profile = defined $wanted && (!defined $start || $host->{branch} >= 535) ? $by_name{$wanted} : undef;
        my %before = map { $_->{gi} => 1 } $host->instances($gpu);
        my $errno = $profile ? $host->control('gi-create', $gpu, defined $start ? "$profile->{id}:$start" : $profile->{id}) : 'Invalid';
        if ($errno) {
            my ($word) = grep { $errno =~ /$_/ } keys %reason;
            my ($why, $status) = @{ $reason{ $word // 'Invalid' } };
            printf "Unable to create a GPU instance on GPU %2d using profile %s: %s\nFailed to create GPU instances: %s\n", $gpu->{index}, $typed, $why, $why;
            return $status;
        }
        my ($made) = grep { !$before{ $_->{gi} } } $host->instances($gpu);
        # On demand the kernel module reports success and creates nothing (B84).
        my $gi = $made ? $made->{gi} : 0;
        printf "Successfully created GPU instance ID %2d on GPU %2d using profile MIG %s (ID %2d)\n", $gi, $gpu->{index}, $profile->{name}, $profile->{id};
        create_compute($host, $gpu, $made) if $with_compute && $made;
    }
    return 0;
}

# Its name is without +me (B107).
sub create_compute {
    my ($host, $gpu, @instances) = @_;
    for my $instance (@instances) {
        my $errno = $host->control('ci-create', $gpu, $instance->{gi});
        if ($errno) {
            my ($why, $status) = @{ $reason{ $errno =~ /busy/ ? 'busy' : 'space' } };
            printf "Unable to create a compute instance on GPU %2d GPU instance ID %2d: %s\nFailed to create compute instances: %s\n", $gpu->{index}, $instance->{gi}, $why, $why;
            return $status;
        }
        my ($plain) = NvidiaSmi::Mig::profile_of($gpu, $instance)->{name} =~ /^([^+]*)/;
        printf "Successfully created compute instance ID  0 on GPU %2d GPU instance ID %2d using profile MIG %s (ID  0)\n", $gpu->{index}, $instance->{gi}, $plain;
    }
    return 0;
}

sub destroy_compute {
    my ($host, $gpu, @instances) = @_;
    @instances = grep { $_->{compute} } @instances;
    if (!@instances) { print "No compute instances found: Not Found\n"; return 6 }
    for my $instance (@instances) {
        if ($host->control('ci-destroy', $gpu, $instance->{gi})) {
            printf "Unable to destroy compute instance ID  0 from GPU %2d GPU instance ID %2d: $in_use\nFailed to destroy compute instances: $in_use\n", $gpu->{index}, $instance->{gi};
            return 19;
        }
        printf "Successfully destroyed compute instance ID  0 from GPU %2d GPU instance ID %2d\n", $gpu->{index}, $instance->{gi};
    }
    return 0;
}

sub destroy {
    my ($host, $gpu, @instances) = @_;
    if (!@instances) { print "No GPU instances found: Not Found\n"; return 6 }
    for my $instance (@instances) {
        if ($host->control('gi-destroy', $gpu, $instance->{gi})) {
            printf "Unable to destroy GPU instance ID %2d from GPU %2d: $in_use\nFailed to destroy GPU instances: $in_use\n", $instance->{gi}, $gpu->{index};
            return 19;
        }
        printf "Successfully destroyed GPU instance ID %2d from GPU %2d\n", $instance->{gi}, $gpu->{index};
    }
    return 0;
}

1;
