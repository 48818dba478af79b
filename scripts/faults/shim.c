// Loaded before the C library, this makes calls that change files below a folder fail, or ends the process at one of
// them. Its settings come from the environment of the process that is tried out; duel itself knows nothing of it.
//
//   FAULTS_BELOW   the folder; calls elsewhere pass
//   FAULTS_LOG     a file that takes a line for each call: its number, its name, the path
//   FAULTS_AT      the number of the call at which something happens, from 1
//   FAULTS_ERROR   the error number that it fails with
//   FAULTS_LAST    1: that needs space fails from then on, as on a full disk; 2: everything, as on a disk made read-only
//   FAULTS_SIGNAL  the signal that the process gets instead
//   FAULTS_TEAR    1: half of what a write was to write is written before
//   FAULTS_CLOCK   calls of the wall clock after which it is set back, a colon, seconds
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static atomic_long calls, clockReadings;
static const char *below;
static long at, failure, lasting, signalNumber, tears, clockAfter, clockBack;
static int logFile = -1;

static long number(const char *name) {
  const char *text = getenv(name);
  return text ? atol(text) : 0;
}

__attribute__((constructor)) static void begin(void) {
  below = getenv("FAULTS_BELOW");
  at = number("FAULTS_AT");
  failure = number("FAULTS_ERROR");
  lasting = number("FAULTS_LAST");
  signalNumber = number("FAULTS_SIGNAL");
  tears = number("FAULTS_TEAR");
  const char *clock = getenv("FAULTS_CLOCK");
  if (clock) sscanf(clock, "%ld:%ld", &clockAfter, &clockBack);
  const char *log = getenv("FAULTS_LOG");
  if (log) logFile = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

static int concerns(const char *path) {
  return below && path && !strncmp(path, below, strlen(below));
}

static const char *pathOf(int descriptor, char *buffer, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, buffer, size - 1);
  buffer[length < 0 ? 0 : length] = 0;
  return buffer;
}

enum need { SPACE, NONE };

// The error that a call is to fail with, 0 for none. Ends or signals the process where its time has come; what tears has
// been written before by the caller.
static int fault(const char *name, const char *path, enum need need, void (*tear)(void *), void *context) {
  if (!concerns(path)) return 0;
  long call = atomic_fetch_add(&calls, 1) + 1;
  if (logFile >= 0) dprintf(logFile, "%ld %s %s\n", call, name, path);
  if (!at || call < at) return 0;
  if (call > at) return lasting == 2 || (lasting == 1 && need == SPACE) ? (int)failure : 0;
  if (tears && tear) tear(context);
  if (signalNumber) kill(getpid(), (int)signalNumber);
  return (int)failure;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL_IF(error) \
  do {                 \
    int found = error; \
    if (found) {       \
      errno = found;   \
      return -1;       \
    }                  \
  } while (0)

#define OPEN(name)                                                                    \
  int name(const char *path, int flags, ...) {                                        \
    va_list list;                                                                     \
    va_start(list, flags);                                                            \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;           \
    va_end(list);                                                                     \
    if (flags & (O_WRONLY | O_RDWR))                                                  \
      FAIL_IF(fault("open", path, flags & O_CREAT ? SPACE : NONE, NULL, NULL));       \
    return REAL(name)(path, flags, mode);                                             \
  }
OPEN(open)
OPEN(open64)

struct piece {
  int descriptor;
  const void *bytes;
  size_t count;
};

static void tearWrite(void *context) {
  struct piece *piece = context;
  syscall(SYS_write, piece->descriptor, piece->bytes, piece->count / 2);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  char buffer[4096];
  struct piece piece = {descriptor, bytes, count};
  if (descriptor > 2) FAIL_IF(fault("write", pathOf(descriptor, buffer, sizeof buffer), SPACE, tearWrite, &piece));
  return syscall(SYS_write, descriptor, bytes, count);
}

int fsync(int descriptor) {
  char buffer[4096];
  FAIL_IF(fault("fsync", pathOf(descriptor, buffer, sizeof buffer), NONE, NULL, NULL));
  return (int)syscall(SYS_fsync, descriptor);
}

int ftruncate(int descriptor, off_t length) {
  char buffer[4096];
  FAIL_IF(fault("ftruncate", pathOf(descriptor, buffer, sizeof buffer), NONE, NULL, NULL));
  return (int)syscall(SYS_ftruncate, descriptor, length);
}

int rename(const char *from, const char *to) {
  FAIL_IF(fault("rename", to, NONE, NULL, NULL));
  return REAL(rename)(from, to);
}

int mkdir(const char *path, mode_t mode) {
  FAIL_IF(fault("mkdir", path, SPACE, NULL, NULL));
  return REAL(mkdir)(path, mode);
}

int unlink(const char *path) {
  FAIL_IF(fault("unlink", path, NONE, NULL, NULL));
  return REAL(unlink)(path);
}

// MARK: The wall clock

static void setBack(struct timespec *time) {
  if (clockBack && atomic_fetch_add(&clockReadings, 1) >= clockAfter) time->tv_sec -= clockBack;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (!result && clock == CLOCK_REALTIME) setBack(time);
  return result;
}

int gettimeofday(struct timeval *restrict value, void *restrict zone) {
  (void)zone;
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  value->tv_sec = time.tv_sec;
  value->tv_usec = time.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *place) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (place) *place = now.tv_sec;
  return now.tv_sec;
}
