// Loops over all threads that the engine's operators may use.
//
// at::parallel_for is compiled into its caller, and becomes a plain loop where the compiler does not know OpenMP; headers and a
// runtime of its own would then stand beside the engine's. So the engine's runtime is asked by name: GNU's, which the Linux
// wheels bring. Its threads are those of the engine's operators, and products that are asked for inside stay on their thread.
#pragma once
#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>

namespace duel {

/// Entries of GNU's OpenMP runtime, null where the engine has another.
struct Runtime {
  void (*parallel)(void (*)(void *), void *, unsigned, unsigned);
  int (*number)();

  static const Runtime &shared() {
    static const Runtime runtime = {
        reinterpret_cast<void (*)(void (*)(void *), void *, unsigned, unsigned)>(dlsym(RTLD_DEFAULT, "GOMP_parallel")),
        reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_thread_num"))};
    return runtime;
  }
};

/// Calls `work(first, last)` for ranges that make up `begin..<end`, as at::parallel_for does: one range a thread, of `grain` or
/// more. What `work` makes of a number must not depend on the range that it is in.
template <typename Work>
void parallel_for(int64_t begin, int64_t end, int64_t grain, const Work &work) {
  if (begin >= end) return;
  const int64_t most = (end - begin + std::max<int64_t>(grain, 1) - 1) / std::max<int64_t>(grain, 1);
  const int64_t threads = std::min<int64_t>(at::get_num_threads(), most);
  const auto &runtime = Runtime::shared();
  if (threads <= 1 || at::in_parallel_region() || !runtime.parallel || !runtime.number) {
    at::parallel_for(begin, end, grain, work);
    return;
  }
  struct Shared {
    const Runtime &runtime;
    const Work &work;
    int64_t begin, end, share;
    std::atomic_flag has_failed = ATOMIC_FLAG_INIT;
    std::exception_ptr failure;
  } shared = {runtime, work, begin, end, (end - begin + threads - 1) / threads};
  // No exception may leave a thread of the runtime.
  runtime.parallel(
      [](void *given) {
        auto &shared = *static_cast<Shared *>(given);
        const int number = shared.runtime.number();
        const int64_t first = shared.begin + number * shared.share;
        if (first >= shared.end) return;
        try {
          const at::internal::ThreadIdGuard guard(number);
          shared.work(first, std::min(shared.end, first + shared.share));
        } catch (...) {
          if (!shared.has_failed.test_and_set()) shared.failure = std::current_exception();
        }
      },
      &shared, static_cast<unsigned>(threads), 0);
  if (shared.failure) std::rethrow_exception(shared.failure);
}

}  // namespace duel
