#define _GNU_SOURCE
#include "CaseMeter.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>

// glibc's allocator under the names that it keeps for those who replace the usual ones.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);
#endif

static atomic_llong live;
static atomic_llong peak;
static atomic_llong ceiling = INT64_MAX;
static long long base;
static long long most_bytes = INT64_MAX;
static double most_seconds;
static char label[256];
static volatile sig_atomic_t is_running;
static struct timespec begun;

// Only calls that a signal handler may make.
static void leave(const char *what) {
  if (is_running) {
    char line[400];
    size_t length = 0;
    for (const char *part = what; *part && length < 100;) line[length++] = *part++;
    line[length++] = '\t';
    for (const char *part = label; *part && length < 390;) line[length++] = *part++;
    line[length++] = '\n';
    (void)!write(STDERR_FILENO, line, length);
  }
  _exit(3);
}

#ifdef __GLIBC__
static void *taken(void *block) {
  if (block) {
    long long now = atomic_fetch_add_explicit(&live, malloc_usable_size(block), memory_order_relaxed)
                    + (long long)malloc_usable_size(block);
    long long seen = atomic_load_explicit(&peak, memory_order_relaxed);
    while (now > seen && !atomic_compare_exchange_weak(&peak, &seen, now)) {}
    if (now > atomic_load_explicit(&ceiling, memory_order_relaxed)) leave("memory");
  }
  return block;
}

static void given(void *block) {
  if (block) atomic_fetch_sub_explicit(&live, malloc_usable_size(block), memory_order_relaxed);
}

// A request beyond the ceiling ends the process before it is made: what is never touched counts too.
static void ask(size_t size) {
  if (size > INT64_MAX || (long long)size > atomic_load_explicit(&ceiling, memory_order_relaxed)) leave("memory");
}

void *malloc(size_t size) {
  ask(size);
  return taken(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
  size_t bytes;
  ask(__builtin_mul_overflow(count, size, &bytes) ? SIZE_MAX : bytes);
  return taken(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size) {
  ask(size);
  // Both blocks are there while it copies.
  long long old = block ? (long long)malloc_usable_size(block) : 0;
  void *moved = __libc_realloc(block, size);
  if (moved || size == 0) {
    taken(moved);
    atomic_fetch_sub_explicit(&live, old, memory_order_relaxed);
  }
  return moved;
}

void free(void *block) {
  int kept = errno;
  given(block);
  __libc_free(block);
  errno = kept;
}

void *memalign(size_t alignment, size_t size) {
  ask(size);
  return taken(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
  if (alignment < sizeof(void *) || (alignment & (alignment - 1))) return EINVAL;
  void *made = memalign(alignment, size);
  if (!made) return ENOMEM;
  *block = made;
  return 0;
}

#endif

void case_begin(const char *name) {
  strncpy(label, name, sizeof label - 1);
  base = atomic_load(&live);
  atomic_store(&peak, base);
  if (most_bytes < INT64_MAX) atomic_store(&ceiling, base + most_bytes);
  is_running = 1;
  if (most_seconds > 0) {
    struct itimerval processor = {.it_value = {(time_t)most_seconds, (suseconds_t)(1e6 * (most_seconds - (time_t)most_seconds))}};
    struct itimerval clock = {.it_value = {(time_t)(60 * most_seconds) + 1, 0}};
    setitimer(ITIMER_PROF, &processor, NULL);
    setitimer(ITIMER_REAL, &clock, NULL);
  }
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begun);
}

void case_end(size_t *most, double *seconds) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  struct itimerval none = {0};
  setitimer(ITIMER_PROF, &none, NULL);
  setitimer(ITIMER_REAL, &none, NULL);
  is_running = 0;
  atomic_store(&ceiling, INT64_MAX);
  long long above = atomic_load(&peak) - base;
  *most = above > 0 ? (size_t)above : 0;
  *seconds = (double)(now.tv_sec - begun.tv_sec) + 1e-9 * (double)(now.tv_nsec - begun.tv_nsec);
}

static void on_signal(int number) {
  switch (number) {
    case SIGPROF:
    case SIGALRM: leave("hang");
    case SIGSEGV: leave("crash SIGSEGV");
    case SIGBUS: leave("crash SIGBUS");
    case SIGFPE: leave("crash SIGFPE");
    case SIGABRT: leave("crash SIGABRT");
    default: leave("crash SIGILL");
  }
}

void case_watch(double seconds, size_t bytes) {
  most_seconds = seconds;
  most_bytes = (long long)bytes;
  // A stack that has overflowed cannot hold the handler's frame.
  static char spare[65536];
  stack_t stack = {.ss_sp = spare, .ss_size = sizeof spare};
  sigaltstack(&stack, NULL);
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
  const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL, SIGTRAP, SIGPROF, SIGALRM};
  for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) sigaction(numbers[index], &action, NULL);
}
