// Settings that have to stand before the engine's libraries read them, when they are loaded: too early for `main`.
//
// Functions of .preinit_array run before the initialisers of all shared libraries. Only executables have that section.
#include "cstart.h"

#if defined(__linux__)
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// Starts the program anew, under the same process number, with idle threads of OpenMP that wait passively; returns where the
/// user has chosen a policy, or where it is not possible.
///
/// Threads that spin between operators keep each other from running wherever the machine does something else besides: a sound
/// of 0.6 s of work was measured to take 4.5 s. OpenMP reads the environment as the C library finds it on the stack, so it
/// cannot be changed in place. Here, before anything but loading has been done, starting anew costs some 15 ms.
static void wait_passively(char **arguments, char **environment) {
  static char setting[] = "OMP_WAIT_POLICY=passive";
  const size_t name = sizeof "OMP_WAIT_POLICY=" - 1;
  size_t count = 0;
  for (; environment[count] != NULL; count++)
    if (strncmp(environment[count], setting, name) == 0) return;
  char **extended = malloc((count + 2) * sizeof *extended);
  if (extended == NULL) return;
  memcpy(extended, environment, count * sizeof *extended);
  extended[count] = setting;
  extended[count + 1] = NULL;
  execve("/proc/self/exe", arguments, extended);
  free(extended);
}

static void begin(int count, char **arguments, char **environment) {
  (void)count;
  wait_passively(arguments, environment);
#if defined(__GLIBC__)
  // Each step frees and asks for the same large tensors. Left to itself the C library gives those above 32 MiB back to the
  // system, which then has to clear their pages again.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 16 << 20);
#endif
}

__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **, char **) = begin;
#endif
