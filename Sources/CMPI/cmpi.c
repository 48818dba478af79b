#define _GNU_SOURCE
#include "cmpi.h"

#include <dlfcn.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// Open MPI's handles are addresses of objects of its own.
typedef void *handle;

static struct {
  int (*init_thread)(int *, char ***, int, int *);
  int (*finalize)(void);
  int (*abort)(handle, int);
  int (*comm_rank)(handle, int *);
  int (*comm_size)(handle, int *);
  int (*comm_set_errhandler)(handle, handle);
  int (*error_string)(int, char *, int *);
  int (*get_library_version)(char *, int *);
  int (*iallgather)(const void *, int, handle, void *, int, handle, handle, handle *);
  int (*iallgatherv)(const void *, int, handle, void *, const int *, const int *, handle, handle, handle *);
  int (*ialltoall)(const void *, int, handle, void *, int, handle, handle, handle *);
  int (*test)(handle *, int *, void *);
  handle world, bytes, floats, errors_return;
} mpi;

// MPI_Get_library_version may write as many characters.
enum { longest_version = 8192, longest_error = 512 };
// Elements of one call: counts are ints, and buffers are to stay small beside what is summed.
enum { block = 1 << 24 };

static char last_error[longest_error + 256] = "";
static char version[longest_version] = "";
static int own_rank = 0, rank_count = 1;
static double patience = 600;
static void (*while_waiting)(double) = NULL;

const char *cmpi_last_error(void) { return last_error; }
int cmpi_rank(void) { return own_rank; }
int cmpi_size(void) { return rank_count; }
const char *cmpi_version(void) { return version; }

void cmpi_set_patience(double seconds, void (*waiting)(double)) {
  patience = seconds;
  while_waiting = waiting;
}

static cmpi_status failed(const char *call, int code) {
  char text[longest_error] = "";
  int length = 0;
  if (mpi.error_string) mpi.error_string(code, text, &length);
  snprintf(last_error, sizeof last_error, "%s: %s", call, text);
  return CMPI_FAILED;
}

// MARK: Loading

static void *library = NULL;

static int find(const char *name, void *place) {
  void *found = dlsym(library, name);
  memcpy(place, &found, sizeof found);
  if (!found) snprintf(last_error, sizeof last_error, "the library has no %s: it is not Open MPI", name);
  return found != NULL;
}

cmpi_status cmpi_find(void) {
#ifdef __APPLE__
  static const char *const names[] = {"libmpi.40.dylib", "libmpi.dylib"};
#else
  static const char *const names[] = {"libmpi.so.40", "libmpi.so"};
#endif
  // Open MPI's plugins look for its symbols in the whole process.
  for (size_t i = 0; i < 2 && !library; i++) library = dlopen(names[i], RTLD_NOW | RTLD_GLOBAL);
  if (!library) {
    snprintf(last_error, sizeof last_error, "%s", dlerror());
    return CMPI_MISSING;
  }
  int complete = find("MPI_Init_thread", &mpi.init_thread) && find("MPI_Finalize", &mpi.finalize) &&
      find("MPI_Abort", &mpi.abort) && find("MPI_Comm_rank", &mpi.comm_rank) &&
      find("MPI_Comm_size", &mpi.comm_size) && find("MPI_Comm_set_errhandler", &mpi.comm_set_errhandler) &&
      find("MPI_Error_string", &mpi.error_string) &&
      find("MPI_Get_library_version", &mpi.get_library_version) &&
      find("MPI_Iallgather", &mpi.iallgather) && find("MPI_Iallgatherv", &mpi.iallgatherv) &&
      find("MPI_Ialltoall", &mpi.ialltoall) && find("MPI_Test", &mpi.test) &&
      find("ompi_mpi_comm_world", &mpi.world) && find("ompi_mpi_byte", &mpi.bytes) &&
      find("ompi_mpi_float", &mpi.floats) && find("ompi_mpi_errors_return", &mpi.errors_return);
  if (!complete) return CMPI_MISSING;
  int length = 0;
  mpi.get_library_version(version, &length);
  version[strcspn(version, ",\n")] = 0;
  return CMPI_OK;
}

cmpi_status cmpi_start(void) {
  cmpi_status status = cmpi_find();
  if (status != CMPI_OK) return status;
  int given = 0;
  // The one thread that calls is not the only one of the process: MPI_THREAD_FUNNELED.
  int code = mpi.init_thread(NULL, NULL, 1, &given);
  if (code != 0) return failed("MPI_Init_thread", code);
  mpi.comm_set_errhandler(mpi.world, mpi.errors_return);
  mpi.comm_rank(mpi.world, &own_rank);
  mpi.comm_size(mpi.world, &rank_count);
  return CMPI_OK;
}

// MARK: Waiting

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/// Waits for a call that has begun: at first by giving way to others, then by sleeping for up to a millisecond.
///
/// Ranks that share their work evenly come within a millisecond or two; whoever waits longer should not keep a core.
static cmpi_status wait_for(const char *call, int code, handle *request) {
  if (code != 0) return failed(call, code);
  double start = now(), told = 0;
  for (;;) {
    int done = 0;
    code = mpi.test(request, &done, NULL);
    if (code != 0) return failed(call, code);
    if (done) return CMPI_OK;
    double waited = now() - start;
    if (waited < 2e-3) {
      sched_yield();
      continue;
    }
    if (waited > patience) {
      snprintf(last_error, sizeof last_error, "another rank has not come for %.0f seconds", waited);
      return CMPI_LATE;
    }
    if (while_waiting && waited - told > 0.1) {
      told = waited;
      while_waiting(waited);
    }
    // A hundredth of what has been waited for is lost, or a twentieth of a millisecond.
    double pause = waited * 1e4;
    usleep(pause < 20 ? 20 : pause > 1000 ? 1000 : (useconds_t)pause);
  }
}

// MARK: Calls

cmpi_status cmpi_gather(const void *own, size_t count, void *all) {
  handle request = NULL;
  int code = mpi.iallgather(own, (int)count, mpi.bytes, all, (int)count, mpi.bytes, mpi.world, &request);
  return wait_for("MPI_Iallgather", code, &request);
}

cmpi_status cmpi_gather_varying(const void *own, const size_t *counts, void *all) {
  // In rounds of at most `block` bytes a rank, through a buffer of their own where one is not enough.
  size_t most = 0;
  for (int r = 0; r < rank_count; r++) most = counts[r] > most ? counts[r] : most;
  int *lengths = malloc(2 * (size_t)rank_count * sizeof *lengths);
  char *received = malloc((most < block ? most : block) * (size_t)rank_count + 1);
  cmpi_status status = lengths && received ? CMPI_OK : CMPI_FAILED;
  if (status != CMPI_OK) snprintf(last_error, sizeof last_error, "no memory for what ranks exchange");
  for (size_t start = 0; status == CMPI_OK && start < most; start += block) {
    int *offsets = lengths + rank_count, total = 0;
    for (int r = 0; r < rank_count; r++) {
      size_t left = counts[r] > start ? counts[r] - start : 0;
      lengths[r] = (int)(left < block ? left : block);
      offsets[r] = total;
      total += lengths[r];
    }
    handle request = NULL;
    int code = mpi.iallgatherv((const char *)own + (lengths[own_rank] ? start : 0), lengths[own_rank], mpi.bytes,
                               received, lengths, offsets, mpi.bytes, mpi.world, &request);
    status = wait_for("MPI_Iallgatherv", code, &request);
    size_t place = 0;
    for (int r = 0; status == CMPI_OK && r < rank_count; r++) {
      memcpy((char *)all + place + start, received + offsets[r], (size_t)lengths[r]);
      place += counts[r];
    }
  }
  free(lengths);
  free(received);
  return status;
}

/// Adds up at most `block` numbers of each vector, which lie `stride` apart.
static cmpi_status sum_block(const float *own, size_t stride, const int *vectors, int slots, size_t count,
                             float *sent, float *received, float *sums) {
  size_t ranks = (size_t)rank_count, share = (count + ranks - 1) / ranks, message = share * (size_t)slots;
  memset(sent, 0, message * ranks * sizeof *sent);
  for (size_t r = 0; r < ranks; r++) {
    size_t start = r * share, length = start >= count ? 0 : count - start < share ? count - start : share;
    for (int v = 0; v < vectors[own_rank]; v++) {
      memcpy(sent + r * message + (size_t)v * share, own + (size_t)v * stride + start, length * sizeof *sent);
    }
  }
  handle request = NULL;
  int code = mpi.ialltoall(sent, (int)message, mpi.floats, received, (int)message, mpi.floats, mpi.world, &request);
  cmpi_status status = wait_for("MPI_Ialltoall", code, &request);
  if (status != CMPI_OK) return status;
  // On top of the first vector, which is not needed any more.
  float *restrict added = received;
  for (size_t r = 0; r < ranks; r++) {
    for (int v = r == 0 ? 1 : 0; v < vectors[r]; v++) {
      const float *restrict vector = received + r * message + (size_t)v * share;
      for (size_t i = 0; i < share; i++) added[i] += vector[i];
    }
  }
  // Ranks beyond the last number have sums of nothing behind the others.
  float *all = share * ranks == count ? sums : sent;
  code = mpi.iallgather(added, (int)share, mpi.floats, all, (int)share, mpi.floats, mpi.world, &request);
  status = wait_for("MPI_Iallgather", code, &request);
  if (status == CMPI_OK && all != sums) memcpy(sums, all, count * sizeof *sums);
  return status;
}

cmpi_status cmpi_sum(const float *own, const int *vectors, size_t count, float *sums) {
  int slots = 1;
  for (int r = 0; r < rank_count; r++) slots = vectors[r] > slots ? vectors[r] : slots;
  size_t length = block / (size_t)slots;
  if (length > count) length = count;
  size_t most = (length + (size_t)rank_count) * (size_t)slots;
  float *buffers = malloc(2 * most * sizeof *buffers);
  if (!buffers) {
    snprintf(last_error, sizeof last_error, "no memory for sums of %zu numbers", count);
    return CMPI_FAILED;
  }
  cmpi_status status = CMPI_OK;
  for (size_t start = 0; status == CMPI_OK && start < count; start += length) {
    size_t left = count - start;
    status = sum_block(own + start, count, vectors, slots, left < length ? left : length, buffers, buffers + most,
                       sums + start);
  }
  free(buffers);
  return status;
}

void cmpi_finish(void) {
  if (mpi.finalize) mpi.finalize();
}

void cmpi_abort(int code) {
  if (mpi.abort) mpi.abort(mpi.world, code);
}
