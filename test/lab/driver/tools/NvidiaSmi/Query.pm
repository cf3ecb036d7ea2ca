# nvidia-smi -L, -q and --query-gpu.
package NvidiaSmi::Query;
use strict;
use NvidiaSmi::Accounting;
use NvidiaSmi::Nodes;

sub run {
    my ($host, $option) = @_;
    return list($host) if $option->{'-L'};
    return csv($host, $option) if $option->{'--query-gpu'};
    return report($host);
}

sub list {
    my ($host) = @_;
    NvidiaSmi::Nodes::make();
    for my $gpu ($host->gpus) {
        printf "GPU %d: %s (UUID: %s)\n", @$gpu{qw(index name uuid)};
        printf "  MIG %-12s Device %2d: (UUID: %s)\n", @$_{qw(name index uuid)} for mig_devices($host, $gpu);
    }
    return 0;
}

# A MIG device is a compute instance: a GPU instance without one is not among them (B112).
sub mig_devices {
    my ($host, $gpu) = @_;
    require NvidiaSmi::Mig;
    my @instances = grep { $_->{compute} } $host->instances($gpu);
    my $index = 0;
    return map {
        { %{ NvidiaSmi::Mig::profile_of($gpu, $_) }, gi => $_->{gi}, index => $index++, uuid => sprintf 'MIG-%08x-1ab0-4ab0-8ab0-%s', $_->{gi}, substr $gpu->{uuid}, -12 }
    } @instances;
}

my %property = (
    'index'            => sub { $_[1]{index} },
    'uuid'             => sub { $_[1]{uuid} },
    'gpu_uuid'         => sub { $_[1]{uuid} },
    'pci.bus_id'       => sub { NvidiaSmi::Host::bus_id($_[1]) },
    'gpu_bus_id'       => sub { NvidiaSmi::Host::bus_id($_[1]) },
    'name'             => sub { $_[1]{name} },
    'driver_version'   => sub { $_[0]{version} },
    'memory.total'     => sub { "$_[1]{fb} MiB" },
    'memory.used'      => sub { $_[0]->framebuffer_used($_[1]) . ' MiB' },
    'mig.mode.current' => sub { bracket(NvidiaSmi::Host::mig_mode($_[1], 'mig')) },
    'mig.mode.pending' => sub { bracket(NvidiaSmi::Host::mig_mode($_[1], 'pending')) },
    'accounting.mode'  => sub { NvidiaSmi::Accounting::mode($_[1]) },
    'utilization.gpu'  => sub { $_[1]{mig} ? '[N/A]' : '0 %' },
    'vgpu_driver_capability.heterogenous_multivGPU' => sub { $_[0]{vgpu} ? 'Supported' : '[N/A]' },
    'vgpu_device_capability.heterogeneous_timeslice_sizes' =>
        sub { !$_[0]{vgpu} ? '[N/A]' : mixes_sizes($_[1]) },
);

# With MIG mode on the card as a whole does not (seen on an H100 NVL with R550).
sub mixes_sizes { my ($gpu) = @_; return $gpu->{vgpumode} eq 'sriov' && !$gpu->{mig} ? 'Supported' : 'Not Supported' }
sub bracket { my ($text) = @_; return $text eq 'N/A' ? '[N/A]' : $text }

sub csv {
    my ($host, $option) = @_;
    my @names = split /,\s*/, $option->{'--query-gpu'};
    for my $name (grep { !$property{$_} } @names) {
        print "Field \"$name\" is not a valid field to query.\n\n";
        return 2;
    }
    print join(', ', @names), "\n" unless ($option->{'--format'} // '') =~ /noheader/;
    for my $gpu ($host->gpus) {
        my $row = join ', ', map { $property{$_}->($host, $gpu) } @names;
        $row =~ s/ MiB//g if ($option->{'--format'} // '') =~ /nounits/;
        print "$row\n";
    }
    return 0;
}

sub report {
    my ($host) = @_;
    print "\n==============NVSMI LOG==============\n\n";
    $host->field(0, 'Timestamp', NvidiaSmi::Host::now());
    $host->field(0, 'Driver Version', $host->{version});
    $host->field(0, 'CUDA Version', $host->{vgpu} ? 'Not Found' : '13.0');
    if ($host->{vgpu} && $host->{branch} >= 525) {
        $host->field(0, 'vGPU Driver Capability');
        $host->field(2, 'Heterogenous Multi-vGPU', 'Supported');    # sic
    }
    print "\n";
    $host->field(0, 'Attached GPUs', scalar $host->gpus);
    gpu_report($host, $_) for $host->gpus;
    return 0;
}

sub gpu_report {
    my ($host, $gpu) = @_;
    my ($domain, $bus, $device) = $gpu->{bdf} =~ /^(....):(..):(..)/;
    $host->field(0, 'GPU ' . NvidiaSmi::Host::bus_id($gpu));
    $host->field(1, 'Product Name', $gpu->{name});
    $host->field(1, 'Product Brand', 'NVIDIA');
    $host->field(1, 'Product Architecture', $gpu->{arch} eq 'Ada' ? 'Ada Lovelace' : $gpu->{arch});
    $host->field(1, 'Persistence Mode', 'Disabled');
    if ($host->{vgpu} && $host->{branch} >= 525) {
        $host->field(1, 'vGPU Device Capability');
        $host->field(2, 'Fractional Multi-vGPU', mixes_sizes($gpu));
        $host->field(2, 'Heterogeneous Time-Slice Profiles', 'Supported');
        $host->field(2, 'Heterogeneous Time-Slice Sizes', mixes_sizes($gpu));
    }
    $host->field(1, 'MIG Mode');
    $host->field(2, 'Current', NvidiaSmi::Host::mig_mode($gpu, 'mig'));
    $host->field(2, 'Pending', NvidiaSmi::Host::mig_mode($gpu, 'pending'));
    mig_device_report($host, $_) for mig_devices($host, $gpu);
    $host->field(1, 'GPU UUID', $gpu->{uuid});
    $host->field(1, 'GPU Virtualization Mode');
    $host->field(2, 'Virtualization Mode', $host->{vgpu} ? 'Host VGPU' : 'None');
    $host->field(2, 'Host VGPU Mode', $host->{vgpu} ? NvidiaSmi::Host::virtualisation($gpu) : 'N/A');
    $host->field(2, 'vGPU Heterogeneous Mode', !$host->{vgpu} || $gpu->{hetero} eq '-' || $gpu->{mig} ? 'N/A' : $gpu->{hetero} ? 'Enabled' : 'Disabled')
        if $host->{branch} >= 550;
    $host->field(1, 'PCI');
    $host->field(2, 'Bus', '0x' . uc $bus);
    $host->field(2, 'Device', '0x' . uc $device);
    $host->field(2, 'Domain', '0x' . uc $domain);
    $host->field(2, 'Device Id', '0x' . uc("$gpu->{device}10de"));
    $host->field(2, 'Bus Id', NvidiaSmi::Host::bus_id($gpu));
    $host->field(2, 'Sub System Id', '0x' . uc("$gpu->{subdevice}10de"));
    $host->field(1, 'FB Memory Usage');
    $host->field(2, 'Total', "$gpu->{fb} MiB");
    $host->field(2, 'Used', $host->framebuffer_used($gpu) . ' MiB');
    $host->field(1, 'Utilization');
    $host->field(2, 'GPU', $gpu->{mig} ? 'N/A' : '0 %');
    $host->field(1, 'Processes', 'None');
    print "\n";
}

sub mig_device_report {
    my ($host, $device) = @_;
    $host->field(1, 'MIG Device');
    $host->field(2, 'Index', $device->{index});
    $host->field(2, 'GPU Instance ID', $device->{gi});
    $host->field(2, 'Compute Instance ID', 0);
    $host->field(2, 'Device Attributes');
    $host->field(3, 'Shared');
    $host->field(4, 'Multiprocessor count', $device->{sm});
    $host->field(4, 'Copy Engine count', $device->{ce});
    $host->field(4, 'Encoder count', $device->{enc});
    $host->field(4, 'Decoder count', $device->{dec});
    $host->field(4, 'OFA count', $device->{ofa});
    $host->field(4, 'JPG count', $device->{jpeg});
    $host->field(2, 'FB Memory Usage');
    $host->field(3, 'Total', int($device->{gib} * 1024) . ' MiB');
}

1;
