#!/usr/bin/perl
# Stands in for an ffmpeg that a file has taken over: tries to get out of its box in every way that it knows, and says
# of each attempt on standard output whether it was "held" or "BROKE".
#   hostile-tool.pl KEY=VALUE...
# secret=, pid=, tcp=, udp=: what is outside: a file, the backend, servers on loopback. sys:NAME=NUMBER: system calls. fill=MIB: takes so much memory
# and nothing else. gentle=1: only what is also tried where there is no box. crash=1: dies of SIGSEGV.
use strict;
use warnings;

my (%outside, %call);
for (@ARGV) {
    if (/^sys:(\w+)=(\d+)$/) { $call{$1} = $2 }
    elsif (/^(\w+)=(.*)$/) { $outside{$1} = $2 }
}
$| = 1;
# A write beyond the limit fails, instead of ending this.
$SIG{XFSZ} = "IGNORE";
sub tell_of { my ($what, $broke, $how) = @_; print $broke ? "BROKE $what: $how\n" : "held $what\n" }

if (my $mebibytes = $outside{fill}) {
    my @all;
    push @all, "x" x (1 << 20) for 1 .. $mebibytes;
    tell_of("memory", 1, "took $mebibytes MiB");
    exit;
}

my @known = grep { !/^(PATH|LC_ALL|PWD|OLDPWD|SHLVL|_)$/ } keys %ENV;
tell_of("environment", @known > 0, join(" ", @known));

# Reads where nothing is.
unpack("p", pack("J", 1)) if $outside{crash};

if ($outside{gentle}) {
    # Where there is no box: nothing that could hurt the machine.
    for my $file ($outside{secret}, "/proc/$outside{pid}/environ", "/proc/$outside{pid}/mem") {
        my ($in, $bytes);
        tell_of("reading $file", scalar(open($in, "<", $file) && defined(read($in, $bytes, 1))), "was read");
    }
    my $to;
    tell_of("writing", scalar(open($to, ">>", "$0-written") && syswrite($to, "x")), "was written");
    my ($uid, $gid) = ($>, (split / /, $))[0]);
    tell_of("the user", $uid == 0 || $gid == 0, "is $uid:$gid");
    print "done\n";
    exit;
}

for my $file ($outside{secret}, "/etc/passwd", "/etc/shadow", "/etc/hostname", "/root/.bashrc", "/proc/1/environ",
    "/proc/self/environ", "/proc/self/root", "/proc/$outside{pid}/environ", "/proc/$outside{pid}/cwd/package.json",
    "/proc/kcore", "/sys/kernel/notes", "/dev/mem", "/dev/sda", "/run/docker.sock") {
    my ($in, $bytes);
    my $broke = open($in, "<", $file) && defined(read($in, $bytes, 1));
    tell_of("reading $file", $broke, "was read");
}
my @seen = map { glob("$_/*") } qw(/proc /sys /tmp /var /run /home /root /srv /mnt /opt /boot);
tell_of("looking around", @seen > 0, join(" ", splice(@seen, 0, 5)));
for my $descriptor (3 .. 255) {
    next if syscall($call{fcntl}, $descriptor, 1, 0) < 0;
    tell_of("descriptor $descriptor", 1, "is open");
}

my ($to, $other, $tcp, $udp, $peer);
for my $file ("/written", "/tmp/written", "/var/tmp/written", "/dev/written", "/dev/shm/written", "/usr/written",
    "/etc/written", "./written", "/dev/fd/3", $0, $outside{secret}) {
    tell_of("writing $file", scalar(open($to, ">>", $file) && syswrite($to, "x")), "was written");
    tell_of("emptying $file", scalar(open($other, "+>", $file)), "was emptied");
    tell_of("deleting $file", scalar(unlink $file), "was deleted");
}
tell_of("making a folder", scalar(mkdir "/made"), "was made");
tell_of("making a link", scalar(symlink("/", "/made") || link($0, "/made")), "was made");
tell_of("renaming", scalar(rename($0, "$0-moved") || rename("/usr", "/moved")), "was renamed");

sub server { my $port = shift; return pack("S n a4 x8", 2, $port, pack("C4", 127, 0, 0, 1)) }
tell_of("TCP", scalar(socket($tcp, 2, 1, 0) && connect($tcp, server($outside{tcp}))), "connected");
tell_of("UDP", scalar(socket($udp, 2, 2, 0) && send($udp, "x", 0, server($outside{udp}))), "sent");
tell_of("a UNIX socket", scalar(socket($other, 1, 1, 0)), "was made");
tell_of("a pair of sockets", scalar(socketpair($other, $peer, 1, 1, 0)), "was made");
tell_of("netlink", scalar(socket($other, 16, 3, 0)), "was made");
tell_of("packets", scalar(socket($other, 17, 3, 0)), "was made");

my $child = fork();
exit if defined $child && $child == 0;
tell_of("a child process", defined $child, "was made");
for my $pid ($outside{pid}, 1, -1) { tell_of("killing $pid", scalar(kill 9, $pid), "was killed") }

my @nothing = (0) x 5;
my $text = "none\0" . "\0" x 4096;
my %arguments = (
    ptrace => [16, $outside{pid}], process_vm_readv => [$outside{pid}], mount => [$text, "/", "tmpfs", 0, 0],
    umount2 => ["/", 2], pivot_root => ["/", "/"], chroot => ["/usr"], unshare => [0x10000000], setns => [0, 0],
    keyctl => [0, -3, 1], add_key => ["user", "a", "b", 1, -3], bpf => [0, $text, 64], userfaultfd => [0],
    perf_event_open => [$text, 0, -1, -1, 0], io_uring_setup => [8, $text], personality => [0x0040000],
    open_by_handle_at => [-100, $text, 0], kexec_load => [0, 0, 0, 0], init_module => [$text, 1, ""],
    setpriority => [0, 0, -20], sched_setscheduler => [0, 1, $text], clone => [0x10000000 | 17], clone3 => [$text, 64],
    pidfd_open => [$outside{pid}, 0], shmget => [0, 4096, 01600], io_uring_enter => [0], memfd_create => ["a", 0],
    mq_open => ["/a", 0100, 0600, 0], setresuid => [0, 0, 0], fanotify_init => [0, 0],
    tkill => [1, 9], mmap => [0, 4096, 3, 0x21, -1, 0], setrlimit => [2, pack("Q2", ~0, ~0)], ioctl => [0, 0x5412, $text],
);
for my $name (sort keys %arguments) {
    next unless defined $call{$name};
    my @given = (@{ $arguments{$name} }, @nothing)[0 .. 5];
    my $answer = syscall($call{$name}, @given);
    exit if $name =~ /^clone/ && $answer == 0;
    tell_of($name, $answer >= 0, "gave $answer");
}
# The second set of calls of x86_64.
tell_of("x32", syscall($call{getpid} | 0x40000000) >= 0, "answered") if $outside{x32};
my ($uid, $gid) = ($>, (split / /, $))[0]);
tell_of("the user", "$uid:$gid" ne "65534:65534", "is $uid:$gid");
print "done\n";
