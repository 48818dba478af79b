#ifndef CASE_METER_H
#define CASE_METER_H

#include <stddef.h>

/// Counts what a process allocates and stops it where one case of many goes wrong: by a signal, by going on for too long, or
/// by taking memory without end. Linking this replaces the allocator's functions by ones that count and then call glibc's.

/// Begins a case: allocation is counted from here on, and time begins.
///
/// `name` is written to standard error, with what happened, should the process end before `case_end`; it is copied.
void case_begin(const char *name);

/// Ends a case.
///
/// `peak` gets the most bytes that were allocated at a time beyond those at the case's beginning, `seconds` the processor time.
void case_end(size_t *peak, double *seconds);

/// Takes over the signals of crashes and of the timer. A case may take so many seconds of processor time, sixty times as many
/// by the clock, and so many bytes.
void case_watch(double seconds, size_t bytes);

#endif
