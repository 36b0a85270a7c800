// Numbers of Linux' system calls, from the kernel's asm/unistd_64.h and asm-generic/unistd.h: x86_64, then aarch64;
// "-" where an architecture does not have the call.

const TABLE = `
  read=0,63 readv=19,65 pread64=17,67 preadv=295,69 write=1,64 writev=20,66 lseek=8,62 open=2,-
  openat=257,56 openat2=437,437 close=3,57 close_range=436,436 access=21,- faccessat=269,48
  faccessat2=439,439 stat=4,- fstat=5,80 lstat=6,- newfstatat=262,79 statx=332,291 statfs=137,43
  fstatfs=138,44 readlink=89,- readlinkat=267,78 getdents64=217,61 getcwd=79,17 chdir=80,49
  fadvise64=221,223 dup=32,23 dup2=33,- dup3=292,24 fcntl=72,25 pipe=22,- pipe2=293,59 poll=7,-
  ppoll=271,73 select=23,- pselect6=270,72 munmap=11,215 mprotect=10,226 mremap=25,216
  madvise=28,233 brk=12,214 mlock=149,228 munlock=150,229 msync=26,227 mincore=27,232 futex=202,98
  set_robust_list=273,99 get_robust_list=274,100 set_tid_address=218,96 rseq=334,293
  membarrier=324,283 sched_yield=24,124 rt_sigaction=13,134 rt_sigprocmask=14,135
  rt_sigreturn=15,139 rt_sigpending=127,136 rt_sigtimedwait=128,137 sigaltstack=131,132
  restart_syscall=219,128 tgkill=234,131 nanosleep=35,101 clock_nanosleep=230,115
  clock_gettime=228,113 clock_getres=229,114 gettimeofday=96,169 time=201,- times=100,153
  getpid=39,172 getppid=110,173 gettid=186,178 getuid=102,174 geteuid=107,175 getgid=104,176
  getegid=108,177 getresuid=118,148 getresgid=120,150 getgroups=115,158 getpgrp=111,-
  getpgid=121,155 getsid=124,156 getrlimit=97,163 prlimit64=302,261 setrlimit=160,164
  getrusage=98,165 sysinfo=99,179 uname=63,160 umask=95,166 getrandom=318,278 getcpu=309,168
  sched_getaffinity=204,123 sched_setaffinity=203,122 sched_getparam=143,121
  sched_getscheduler=145,120 sched_get_priority_max=146,125 sched_get_priority_min=147,126
  getpriority=140,141 arch_prctl=158,- prctl=157,167 execve=59,221 wait4=61,260 exit=60,93 exit_group=231,94
  capget=125,90 capset=126,91 setuid=105,146 setgid=106,144 setreuid=113,145 setregid=114,143
  setresuid=117,147 setresgid=119,149 setgroups=116,159 clone=56,220 clone3=435,435 ioctl=16,29
  mmap=9,222 ptrace=101,117 process_vm_readv=310,270 process_vm_writev=311,271 kcmp=312,272
  pidfd_open=434,434 pidfd_getfd=438,438 pidfd_send_signal=424,424 kill=62,129 tkill=200,130
  rt_sigqueueinfo=129,138 rt_tgsigqueueinfo=297,240 mount=165,40 umount2=166,39 pivot_root=155,41
  chroot=161,51 open_tree=428,428 move_mount=429,429 fsopen=430,430 fsconfig=431,431 fsmount=432,432
  fspick=433,433 mount_setattr=442,442 unshare=272,97 setns=308,268 add_key=248,217
  request_key=249,218 keyctl=250,219 bpf=321,280 perf_event_open=298,241 userfaultfd=323,282
  io_uring_setup=425,425 io_uring_enter=426,426 io_uring_register=427,427 kexec_load=246,104
  kexec_file_load=320,294 init_module=175,105 finit_module=313,273 personality=135,92
  open_by_handle_at=304,265 name_to_handle_at=303,264 socket=41,198 socketpair=53,199 connect=42,203
  bind=49,200 listen=50,201 accept=43,202 accept4=288,242 sendto=44,206 sendmsg=46,211
  sendmmsg=307,269 recvfrom=45,207 recvmsg=47,212 recvmmsg=299,243 fork=57,- vfork=58,-
  setpriority=141,140 sched_setscheduler=144,119 sched_setparam=142,118 sched_setattr=314,274
  ioprio_set=251,30 modify_ldt=154,- shmget=29,194 shmat=30,196 msgget=68,186 semget=64,190
  mq_open=240,180 fanotify_init=300,262 process_madvise=440,440
`;

export type Architecture = "x64" | "arm64";

const NUMBERS = new Map(
  TABLE.trim()
    .split(/\s+/)
    .map((entry) => {
      const [name, x64, arm64] = entry.split(/[=,]/) as [string, string, string];
      return [name, { x64, arm64 }] as const;
    }),
);

/** The numbers of these calls, those left out that the architecture does not have. Throws on an unknown name. */
export function syscallNumbers(names: readonly string[], architecture: Architecture): number[] {
  return names.flatMap((name) => {
    const numbers = NUMBERS.get(name);
    if (numbers === undefined) throw new Error(`there is no system call "${name}" in the table`);
    const number = numbers[architecture];
    return number === "-" ? [] : [Number(number)];
  });
}
