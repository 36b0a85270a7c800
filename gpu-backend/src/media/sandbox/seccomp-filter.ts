// Which system calls ffmpeg may make in the box: a seccomp program, made for the machine's architecture. Everything that
// is not needed to read one open file and to decode it is answered as if the kernel did not have it.

import { and, assemble, give, type Instruction, ifAnyBit, ifAtLeast, ifEqual, load } from "./bpf.ts";
import { type Architecture, syscallNumbers } from "./syscalls.ts";

// linux/seccomp.h: what a program answers, and where struct seccomp_data has its fields.
const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const fail = (errno: number) => 0x00050000 | errno;
const EPERM = 1;
const ENOSYS = 38;
const NUMBER = 0;
const ARCHITECTURE = 4;
/** The lower half of an argument; flags lie there. */
const argument = (index: number) => 16 + 8 * index;

/** AUDIT_ARCH_* of linux/audit.h. */
const AUDIT_ARCHITECTURES: Record<Architecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };
/** From here on the numbers are those of x32, a second set of calls on x86_64. */
const X32 = 0x40000000;

const ALLOWED = [
  ..."read readv pread64 preadv write writev lseek".split(" "),
  ..."open openat openat2 close close_range access faccessat faccessat2 stat fstat lstat newfstatat statx".split(
    " ",
  ),
  ..."statfs fstatfs readlink readlinkat getdents64 getcwd chdir fadvise64".split(" "),
  ..."dup dup2 dup3 fcntl pipe pipe2 poll ppoll select pselect6".split(" "),
  ..."munmap mprotect mremap madvise brk mlock munlock msync mincore".split(" "),
  ..."futex set_robust_list get_robust_list set_tid_address rseq membarrier sched_yield".split(" "),
  ..."rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait sigaltstack restart_syscall".split(
    " ",
  ),
  ..."tgkill nanosleep clock_nanosleep clock_gettime clock_getres gettimeofday time times".split(" "),
  ..."getpid getppid gettid getuid geteuid getgid getegid getresuid getresgid getgroups".split(" "),
  ..."getrlimit setrlimit prlimit64 getrusage sysinfo uname umask getrandom getcpu getpriority".split(" "),
  ..."sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min".split(
    " ",
  ),
  // wait4: bubblewrap's own process in the box waits for ffmpeg's end.
  ..."arch_prctl prctl execve wait4 exit exit_group".split(" "),
  // What starts ffmpeg gives its own user and rights up in the box; ffmpeg itself has none left to give.
  ..."capget capset setresuid setresgid setgroups".split(" "),
];

/** CUDA's driver asks for far more than decoding does, and for other things in each release: this only is refused. */
const REFUSED_WITH_GPU = [
  ..."ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_open pidfd_getfd".split(" "),
  ..."mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr".split(
    " ",
  ),
  ..."unshare setns add_key request_key keyctl bpf perf_event_open userfaultfd personality".split(" "),
  ..."io_uring_setup io_uring_enter io_uring_register kexec_load kexec_file_load init_module finit_module".split(
    " ",
  ),
  ..."open_by_handle_at name_to_handle_at fanotify_init modify_ldt".split(" "),
  ..."socket socketpair connect bind listen accept accept4 sendmsg sendmmsg recvmsg recvmmsg".split(" "),
  ..."fork vfork setpriority sched_setscheduler sched_setattr ioprio_set".split(" "),
];

/** Threads of the same process only: no child, and no namespace. */
const CLONE_THREAD = 0x10000;
const CLONE_NEW_NAMESPACE = 0x7e020000;
/** Memory that is shared, or grows downwards, would not count as the process's data (RLIMIT_DATA). */
const MAP_SHARED_ANONYMOUS = 0x21;
const MAP_GROWS_DOWN = 0x100;
/** TransientTasks about a descriptor, and nothing else: TCGETS, TIOCGWINSZ, FIONREAD, FIOCLEX. */
const IOCTLS = [0x5401, 0x5413, 0x541b, 0x5451];

/** A program for a call whose arguments decide; it must end in a verdict. */
function when(name: string, architecture: Architecture, body: Instruction[]): Instruction[] {
  return syscallNumbers([name], architecture).flatMap((number) => [ifEqual(number, 0, body.length), ...body]);
}

const always = (names: readonly string[], architecture: Architecture, verdict: number) =>
  syscallNumbers(names, architecture).flatMap((number) => [ifEqual(number, 0, 1), give(verdict)]);

const CLONE = [
  load(argument(0)),
  ifAnyBit(CLONE_NEW_NAMESPACE, 1, 0),
  ifAnyBit(CLONE_THREAD, 1, 0),
  give(fail(EPERM)),
  give(ALLOW),
];
const IOCTL = [
  load(argument(1)),
  ...IOCTLS.flatMap((request) => [ifEqual(request, 0, 1), give(ALLOW)]),
  give(fail(EPERM)),
];
const MMAP = [
  load(argument(3)),
  ifAnyBit(MAP_GROWS_DOWN, 2, 0),
  and(MAP_SHARED_ANONYMOUS),
  ifEqual(MAP_SHARED_ANONYMOUS, 0, 1),
  give(fail(EPERM)),
  give(ALLOW),
];

/**
 * The program's bytes, an array of struct sock_filter. Without `gpu` it is a list of what is allowed; with it, since
 * drivers need more than can be listed, one of what is refused.
 */
export function seccompFilter(architecture: Architecture, gpu: boolean): Buffer {
  return assemble([
    load(ARCHITECTURE),
    ifEqual(AUDIT_ARCHITECTURES[architecture], 1, 0),
    give(KILL),
    load(NUMBER),
    ...(architecture === "x64" ? [ifAtLeast(X32, 0, 1), give(fail(ENOSYS))] : []),
    ...when("clone", architecture, CLONE),
    // Its flags lie in memory, where no filter sees them; without it the C library takes clone.
    ...always(["clone3"], architecture, fail(ENOSYS)),
    ...(gpu
      ? [...always(REFUSED_WITH_GPU, architecture, fail(EPERM)), give(ALLOW)]
      : [
          ...when("ioctl", architecture, IOCTL),
          ...when("mmap", architecture, MMAP),
          ...always(ALLOWED, architecture, ALLOW),
          give(fail(ENOSYS)),
        ]),
  ]);
}
