/// MPI, loaded when it is asked for: the few calls that ranks of one job need.
///
/// Nothing is linked and no header of MPI is needed, so a program that runs alone needs no MPI on its machine. What is
/// loaded is Open MPI (libmpi.so.40, of version 3 to 5), whose handles are addresses; other libraries' are numbers.
///
/// Every function that can fail returns a status other than CMPI_OK and leaves a sentence for cmpi_last_error(). All
/// calls belong to one thread. Waiting sleeps more and more instead of spinning, so that ranks may share cores.
#ifndef CMPI_H
#define CMPI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  CMPI_OK = 0,
  /// The library is not there, or not one that this file knows.
  CMPI_MISSING = 1,
  /// A call failed.
  CMPI_FAILED = 2,
  /// The other ranks did not come in time.
  CMPI_LATE = 3
} cmpi_status;

/// Why the last failing call failed; one line, empty when none did.
const char *cmpi_last_error(void);

/// Loads the library, so that cmpi_version says which it is, and joins nothing.
cmpi_status cmpi_find(void);
/// Loads the library and joins the job that started this process.
cmpi_status cmpi_start(void);
/// The number of this rank from 0, and of all of them; after cmpi_start.
int cmpi_rank(void);
int cmpi_size(void);
/// The library, as in "Open MPI v4.1.4"; after cmpi_find or cmpi_start.
const char *cmpi_version(void);

/// Seconds that a call waits for the other ranks before it gives up, and a function that is called now and then while it
/// waits, with the seconds waited so far; null for none.
void cmpi_set_patience(double seconds, void (*waiting)(double seconds));

/// Every rank's `count` bytes, in the order of ranks, to `all`, which holds `count` times the number of ranks.
cmpi_status cmpi_gather(const void *own, size_t count, void *all);
/// The same of counts that differ: `counts[r]` bytes of rank r.
cmpi_status cmpi_gather_varying(const void *own, const size_t *counts, void *all);
/// Adds up vectors of `count` numbers of which rank r has `vectors[r]`, at least one, in order: ((v0 + v1) + v2) + ..., those
/// of rank 0 first. So the sum has the same bits on every rank, at every time and however the vectors are spread over ranks,
/// which a reduction of MPI's own does not promise. Each rank adds up its share of the numbers.
cmpi_status cmpi_sum(const float *own, const int *vectors, size_t count, float *sums);

/// Leaves the job, when all ranks do.
void cmpi_finish(void);
/// Ends the whole job with an exit code.
void cmpi_abort(int code);

#ifdef __cplusplus
}
#endif
#endif
