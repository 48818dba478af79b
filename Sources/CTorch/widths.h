// How loops of our own are compiled for several widths of vectors; the processor's is chosen when the library is loaded.
#pragma once

#if defined(__x86_64__) && defined(__linux__)
#define FOR_EACH_WIDTH __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_WIDTH
#endif

/// What such a loop calls has to be compiled with it.
#define INLINE __attribute__((always_inline)) inline

// A loop whose rounds neither overlap in memory nor read what others wrote.
#if defined(__clang__)
#define FOR_INDEPENDENT _Pragma("clang loop vectorize(assume_safety) interleave(disable)") for
#else
#define FOR_INDEPENDENT _Pragma("GCC ivdep") for
#endif
