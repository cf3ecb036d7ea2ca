# Waits until a run on this host has begun a step that calls FUNCTION, and until MIDDLE, an expression with the functions at the end,
# is true. Then it stops (SIGSTOP) all processes of the run. It prints four lines of pids: its own, when it begins to wait, then
# those of the run's runner, watchdog and step.
#
#   perl pause-step.pl FUNCTION MIDDLE
use strict;
use warnings;

my ($function, $middle) = @ARGV;
my %steps;
my $is_in_the_middle = eval "sub { $middle }" or die $@;
my $limit = time + 400;
$| = 1;
print "$$\n";
until (pause_run()) {
    die "no step that calls $function reached its middle: $middle\n" if time > $limit;
    select undef, undef, undef, 0.05;
}

sub pause_run {
    for my $run (glob "/run/nvidia-vgpu/run-*") {
        next unless has_begun($run);
        my $all = processes();
        # Children of the runner before their exec have the same command line, but they lead no session.
        my ($runner) = grep { $all->{$_}{words} eq "sh\0$run/job\0" && $all->{$_}{session} == $_ } keys %$all;
        next unless $runner;
        return 1 if stop_in_the_middle($runner);
    }
    return 0;
}

# By the log, which is complete. A short step may be over by now.
sub has_begun {
    my ($run) = @_;
    my @begun = text("$run/log") =~ /^--\S+ begin (\d+) /mg or return 0;
    my $steps = steps_of($run);
    return grep { $steps->{$_} } @begun;
}

# Numbers of the steps that call the function, by run; that of a reboot follows its reason. Once a step has begun, the job file exists and does not change.
sub steps_of {
    my ($run) = @_;
    return $steps{$run} //= { map { $_ => 1 } text("$run/job") =~ /^'?(?:step'?|reboot_step'? (?:'.*?'|\S+)) '?(\d+)'? .* '?\Q$function\E'?(?: .*)?$/mg };
}

# Some steps take no longer than reading all processes, so those of the run are read from the kernel's list of children.
sub stop_in_the_middle {
    my ($runner) = @_;
    my @step;
    until (@step) {
        kill CONT => $runner;
        select undef, undef, undef, 0.005 until $is_in_the_middle->() && step_of($runner) || !kill 0, $runner;
        # No further step can begin now; the last one may just have ended.
        kill STOP => $runner or return 0;
        kill STOP => step_of($runner);
        @step = step_of($runner);
    }
    return stop($runner);
}

sub stop {
    my ($runner) = @_;
    my %stopped;
    while (my @running = grep { !$stopped{$_} } below(processes(), $runner)) {
        kill STOP => @running;
        @stopped{@running} = (1) x @running;
    }
    my $all = processes();
    return 0 unless $all->{$runner};
    my ($watchdog) = sort { $a <=> $b } grep { $all->{$_}{parent} == $runner } keys %$all;
    my @watchdog = below($all, $watchdog);
    my %else = map { $_ => 1 } $runner, @watchdog;
    print "$_\n" for $runner, "@watchdog", join " ", grep { !$else{$_} } below($all, $runner);
    return 1;
}

# The runner's first child is its watchdog, and there is no other between two steps.
sub step_of {
    my (undef, @step) = split " ", text("/proc/$_[0]/task/$_[0]/children");
    return grep { text("/proc/$_/stat") =~ /^\d+ \(.*\) [^Z]/s } @step;
}

sub below {
    my ($all, $top) = @_;
    return ($top, map { below($all, $_) } grep { $all->{$_}{parent} == $top } keys %$all);
}

sub processes {
    my %all;
    for my $folder (glob "/proc/[0-9]*") {
        # Zombies are skipped.
        my ($pid, $parent, $session) = text("$folder/stat") =~ /^(\d+) \(.*\) [^Z] (\d+) \d+ (\d+)/s or next;
        $all{$pid} = { parent => $parent, session => $session, words => text("$folder/cmdline") };
    }
    return \%all;
}

sub text {
    my ($path) = @_;
    open my $file, "<", $path or return "";
    local $/;
    return scalar(<$file>) // "";
}

# What is true in the middle of a step.

sub has { return scalar grep { -e } glob $_[0] }

sub runs { return grep { text($_) =~ /^\Q$_[0]\E$/ } map { "$_/comm" } glob "/proc/[0-9]*" }

sub number_of { return scalar(() = glob $_[0]) }

sub vgpus { return number_of("/sys/bus/mdev/devices/*") + grep { text($_) !~ /^0?$/ } glob "/sys/bus/pci/devices/*/nvidia/current_vgpu_type" }
