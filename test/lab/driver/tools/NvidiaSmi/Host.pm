# What the kernel modules and the package's tables say: GPUs, vGPUs, GPU instances, types.
package NvidiaSmi::Host;
use strict;

my $proc    = '/proc/driver/nvidia';
my $standin = '/usr/lib/nvidia/standin';

sub lines {
    my ($path) = @_;
    open(my $file, '<', $path) or return;
    return map { chomp; $_ } <$file>;
}

# `a=1 b=2 name=rest of the line`
sub fields { my ($line) = @_; return { $line =~ /(?:^|\s)(\w+)=((?:(?<=name=).*)|\S*)/g } }

# What package this nvidia-smi belongs to: VERSION, BRANCH, VGPU.
sub release { return map { /^(\w+)=(.*)$/ } lines("$standin/package") }

# open(SELECTOR): index, bus id in any form, or UUID; none means all GPUs. Exits as the real one does when there is no
# driver, another driver than its own, no GPU, or no such GPU.
sub open {
    my ($class, $wanted) = @_;
    my %release = release();
    check_driver($release{VERSION});
    my $index = 0;
    my @gpus = map { { %{ fields($_) }, index => $index++ } } lines("$proc/standin/gpus");
    @gpus = grep { matches($_, $wanted) } @gpus if defined $wanted;
    if (!@gpus) { print "No devices were found\n"; exit 6 }
    my $self = bless { version => $release{VERSION}, branch => $release{BRANCH}, vgpu => $release{VGPU}, gpus => \@gpus, handles => [] }, $class;
    $self->hold_open;
    return $self;
}

sub check_driver {
    my ($own) = @_;
    my ($loaded) = lines('/sys/module/nvidia/version');
    if (!$loaded) {
        print "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n\n";
        exit 9;
    }
    # A new driver was installed, and the old one's modules are still loaded (B15).
    if ($loaded ne $own) {
        print "Failed to initialize NVML: Driver/library version mismatch\n";
        print "NVML library version: ", $own =~ /^(\d+\.\d+)/, "\n";
        exit 18;
    }
}

sub matches {
    my ($gpu, $list) = @_;
    return grep { matches_one($gpu, $_) } split /,/, $list;
}

sub matches_one {
    my ($gpu, $wanted) = @_;
    return 1 if $wanted eq $gpu->{index} || $wanted eq $gpu->{uuid};
    my ($domain, $rest) = lc($wanted) =~ /^(?:([0-9a-f]+):)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])$/ or return 0;
    return sprintf('%04x:%s', hex($domain // 0), $rest) eq $gpu->{bdf};
}

sub hold_open {
    my ($self) = @_;
    for my $gpu (@{ $self->{gpus} }) {
        if ($gpu->{lost}) {
            print "Unable to determine the device handle for GPU $gpu->{bdf}: Unknown Error\n";
            exit 15;
        }
    }
    for my $node ('/dev/nvidiactl', map { "/dev/nvidia$_->{minor}" } @{ $self->{gpus} }) {
        CORE::open(my $handle, '<', $node) or next;
        push @{ $self->{handles} }, $handle;
    }
}

sub gpus  { return @{ $_[0]{gpus} } }
# What a file of the kernel modules has about a GPU.
sub listed { my ($self, $file, $gpu) = @_; return grep { $_->{gpu} eq $gpu->{bdf} } map { fields($_) } lines("$proc/standin/$file") }
sub vgpus     { my ($self, $gpu) = @_; return $self->listed('vgpus', $gpu) }
sub instances { my ($self, $gpu) = @_; return $self->listed('instances', $gpu) }

# The vGPU types of a GPU, in the order of the table.
sub types {
    my ($self, $gpu) = @_;
    my @types;
    for (lines("$standin/tables/types")) {
        my (undef, $device, $id, $fb, $max, $heads, $frl, $resolution, $profile, $name) = split ' ', $_, 10;
        push @types, { id => $id, fb => $fb, max => $max, heads => $heads, frl => $frl, resolution => $resolution, profile => $profile, name => $name }
            if $device eq $gpu->{device};
    }
    return @types;
}

# control(VERB, GPU, ARGUMENT): "" or the errno's text
sub control {
    my ($self, $verb, $gpu, $argument) = @_;
    CORE::open(my $file, '>', "$proc/standin/control") or return "$!";
    return syswrite($file, "$verb $gpu->{bdf} $argument") ? '' : "$!";
}

# 0000:82:00.0 as nvidia-smi prints it: 00000000:82:00.0
sub bus_id { my ($gpu) = @_; return '0000' . uc $gpu->{bdf} }
sub virtualisation { my ($gpu) = @_; return $gpu->{vgpumode} eq 'sriov' ? 'SR-IOV' : 'Non SR-IOV' }
# mig_mode(GPU, 'mig' or 'pending')
sub mig_mode { my ($gpu, $which) = @_; return !$gpu->{migcap} ? 'N/A' : $gpu->{$which} ? 'Enabled' : 'Disabled' }
sub now { return scalar(localtime) }

# A vGPU takes its framebuffer when a VM starts with it.
sub framebuffer_used {
    my ($self, $gpu) = @_;
    my %size = map { $_->{id} => $_->{fb} } $self->types($gpu);
    my $sum = 0;
    $sum += $size{ $_->{type} } // 0 for grep { $_->{user} } $self->vgpus($gpu);
    return $sum;
}

# A line of -q and the like. The colon stands in column 42 up to R550 and in column 55 from R570 on, counted from 0 (B23).
sub field {
    my ($self, $depth, $key, $value) = @_;
    my $indented = ' ' x (4 * $depth) . $key;
    if (!defined $value) { print "$indented\n"; return }
    printf "%-*s: %s\n", $self->{branch} >= 570 ? 55 : 42, $indented, $value;
}

sub shorten { my ($text, $width) = @_; return length $text > $width ? substr($text, 0, $width - 3) . '...' : $text }

1;
