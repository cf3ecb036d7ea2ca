# nvidia-smi -L, -q and --query-gpu.
package NvidiaSmi::Query;
use strict;
use warnings;

sub run {
    my ($host, $option) = @_;
    return list($host) if $option->{'-L'};
    return csv($host, $option) if $option->{'--query-gpu'};
    return report($host);
}

sub list {
    my ($host) = @_;
    printf "GPU %d: %s (UUID: %s)\n", @$_{qw(index name uuid)} for $host->gpus;
    return 0;
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
    'mig.mode.current' => sub { bracket(NvidiaSmi::Host::mig_mode($_[1])) },
    'mig.mode.pending' => sub { bracket(NvidiaSmi::Host::mig_mode($_[1])) },
    'vgpu_driver_capability.heterogenous_multivGPU' => sub { $_[0]{vgpu} ? 'Supported' : '[N/A]' },
    'vgpu_device_capability.heterogeneous_timeslice_sizes' =>
        sub { !$_[0]{vgpu} ? '[N/A]' : $_[1]{vgpumode} eq 'sriov' ? 'Supported' : 'Not Supported' },
);

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
    my $sriov = $gpu->{vgpumode} eq 'sriov';
    $host->field(0, 'GPU ' . NvidiaSmi::Host::bus_id($gpu));
    $host->field(1, 'Product Name', $gpu->{name});
    $host->field(1, 'Product Brand', 'NVIDIA');
    $host->field(1, 'Product Architecture', $gpu->{arch} eq 'Ada' ? 'Ada Lovelace' : $gpu->{arch});
    $host->field(1, 'Persistence Mode', 'Disabled');
    if ($host->{vgpu} && $host->{branch} >= 525) {
        $host->field(1, 'vGPU Device Capability');
        $host->field(2, 'Fractional Multi-vGPU', $sriov ? 'Supported' : 'Not Supported');
        $host->field(2, 'Heterogeneous Time-Slice Profiles', 'Supported');
        $host->field(2, 'Heterogeneous Time-Slice Sizes', $sriov ? 'Supported' : 'Not Supported');
    }
    $host->field(1, 'MIG Mode');
    $host->field(2, $_, NvidiaSmi::Host::mig_mode($gpu)) for qw(Current Pending);
    $host->field(1, 'GPU UUID', $gpu->{uuid});
    $host->field(1, 'GPU Virtualization Mode');
    $host->field(2, 'Virtualization Mode', $host->{vgpu} ? 'Host VGPU' : 'None');
    $host->field(2, 'Host VGPU Mode', $host->{vgpu} ? NvidiaSmi::Host::virtualisation($gpu) : 'N/A');
    $host->field(2, 'vGPU Heterogeneous Mode', !$host->{vgpu} || $gpu->{hetero} eq '-' ? 'N/A' : $gpu->{hetero} ? 'Enabled' : 'Disabled')
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
    $host->field(1, 'Processes', 'None');
    print "\n";
}

1;
