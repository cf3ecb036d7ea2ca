# nvidia-smi -am: accounting mode, which MIG mode turns off (B130).
package NvidiaSmi::Accounting;
use strict;

sub mode { my ($gpu) = @_; return $gpu->{accounting} ? 'Enabled' : 'Disabled' }

sub set {
    my ($host, $on) = @_;
    my ($done, $verb) = $on ? ('Enabled', 'enable') : ('Disabled', 'disable');
    for my $gpu ($host->gpus) {
        my $bus_id = NvidiaSmi::Host::bus_id($gpu);
        if ($host->control('accounting', $gpu, $on)) { print "Unable to $verb accounting mode for GPU $bus_id: Not Supported\nTreating as warning and moving on.\n" }
        else { print "$done Accounting Mode for GPU $bus_id.\n" }
    }
    print "All done.\n";
    return 0;
}

1;
