# The main table: 79 columns wide up to R525, 91 from R535 on.
package NvidiaSmi::Table;
use strict;

sub run {
    my ($host) = @_;
    print NvidiaSmi::Host::now(), "\n";
    return $host->{branch} <= 525 ? narrow($host) : wide($host);
}

# A mode that is pending has a star.
sub mig_cell { my ($gpu) = @_; return NvidiaSmi::Host::mig_mode($gpu, 'pending') . ($gpu->{mig} != $gpu->{pending} ? '*' : '') }

sub cuda { my ($host) = @_; return $host->{vgpu} ? 'N/A' : '13.0' }

sub narrow {
    my ($host) = @_;
    print '+', '-' x 77, "+\n";
    printf "| NVIDIA-SMI %-12s Driver Version: %-12s CUDA Version: %-8s |\n", $host->{version}, $host->{version}, cuda($host);
    print '|', '-' x 31, '+', '-' x 22, '+', '-' x 22, "+\n";
    print "| GPU  Name        Persistence-M| Bus-Id        Disp.A | Volatile Uncorr. ECC |\n";
    print "| Fan  Temp  Perf  Pwr:Usage/Cap|         Memory-Usage | GPU-Util  Compute M. |\n";
    print "|                               |                      |               MIG M. |\n";
    print '|', '=' x 31, '+', '=' x 22, '+', '=' x 22, "|\n";
    for my $gpu ($host->gpus) {
        printf "| %3d  %-18s  Off  | %16s Off | %20s |\n", $gpu->{index}, NvidiaSmi::Host::shorten($gpu->{name}, 18), NvidiaSmi::Host::bus_id($gpu), '0';
        printf "| N/A   40C    P0    42W / 150W | %6dMiB / %5dMiB | %7s %12s |\n", $host->framebuffer_used($gpu), $gpu->{fb}, $gpu->{mig} ? 'N/A' : '0%', 'Default';
        printf "| %-29s | %-20s | %20s |\n", '', '', mig_cell($gpu);
        print '+', '-' x 31, '+', '-' x 22, '+', '-' x 22, "+\n";
    }
    print ' ' x 79, "\n+", '-' x 77, "+\n";
    printf "| %-75s |\n", $_ for 'Processes:', ' GPU   GI   CI        PID   Type   Process name                  GPU Memory', '       ID   ID                                                   Usage     ';
    print '|', '=' x 77, "|\n";
    processes($host, "|  %3d   N/A  N/A  %8d    C+G   %-30s %7dMiB |\n", "|  %-75s|\n");
    print '+', '-' x 77, "+\n";
    return 0;
}

sub wide {
    my ($host) = @_;
    print '+', '-' x 89, "+\n";
    printf "| NVIDIA-SMI %-22s Driver Version: %-14s CUDA Version: %-8s |\n", $host->{version}, $host->{version}, cuda($host);
    print '+', '-' x 41, '+', '-' x 24, '+', '-' x 22, "+\n";
    print "| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |\n";
    print "| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |\n";
    print "|                                         |                        |               MIG M. |\n";
    print '|', '=' x 41, '+', '=' x 24, '+', '=' x 22, "|\n";
    for my $gpu ($host->gpus) {
        printf "| %3d  %-27s    Off |   %16s Off | %20s |\n", $gpu->{index}, NvidiaSmi::Host::shorten($gpu->{name}, 27), NvidiaSmi::Host::bus_id($gpu), '0';
        printf "| N/A   40C    P0             42W /  150W | %7dMiB / %6dMiB | %7s %12s |\n", $host->framebuffer_used($gpu), $gpu->{fb}, $gpu->{mig} ? 'N/A' : '0%', 'Default';
        printf "| %-39s | %-22s | %20s |\n", '', '', mig_cell($gpu);
        print '+', '-' x 41, '+', '-' x 24, '+', '-' x 22, "+\n";
    }
    print "\n+", '-' x 89, "+\n";
    printf "| %-87s |\n", $_ for 'Processes:', ' GPU   GI   CI              PID   Type   Process name                        GPU Memory', '       ID   ID                                                               Usage     ';
    print '|', '=' x 89, "|\n";
    processes($host, "|  %3d   N/A  N/A        %8d    C+G   %-36s %7dMiB |\n", "|  %-87s|\n");
    print '+', '-' x 89, "+\n";
    return 0;
}

sub processes {
    my ($host, $row, $empty) = @_;
    my $rows = 0;
    for my $gpu ($host->gpus) {
        my %size = map { $_->{id} => $_->{fb} } $host->types($gpu);
        for my $vgpu (grep { $_->{user} } $host->vgpus($gpu)) {
            printf $row, $gpu->{index}, $vgpu->{user}, 'vgpu', $size{ $vgpu->{type} } // 0;
            $rows++;
        }
    }
    printf $empty, 'No running processes found' unless $rows;
}

1;
