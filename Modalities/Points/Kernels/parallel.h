// Work on all threads that the engine's operators may use.
//
// at::parallel_for runs everything on one thread unless the compiler knows OpenMP, which needs headers and a runtime beside
// the engine's own. The pieces of work here take milliseconds, so threads of their own cost nothing that counts.
#pragma once
#include <ATen/Parallel.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace points {

/// Numbers from 0 on that threads take one after the other, so that none waits for another with more work.
class Shares {
 public:
  explicit Shares(int64_t count) : count(count) {}

  /// Takes the next number; false where none is left.
  bool take(int64_t &number) { return (number = next.fetch_add(1)) < count; }

  /// Leaves none.
  void end() { next = count; }

 private:
  const int64_t count;
  std::atomic<int64_t> next = 0;
};

/// Has `work(shares)` take the numbers below `count`, on several threads at once. What it makes of a number must not depend on
/// the thread, nor on the numbers that were taken before.
template <typename Work>
void share_out(int64_t count, const Work &work) {
  Shares shares(count);
  std::mutex mutex;
  std::exception_ptr failure;
  const auto run = [&] {
    try {
      work(shares);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (!failure) failure = std::current_exception();
      shares.end();
    }
  };
  const int64_t most = at::in_parallel_region() ? 1 : std::min<int64_t>(at::get_num_threads(), count);
  std::vector<std::thread> others;
  others.reserve(std::max<int64_t>(most, 1));
  try {
    while (static_cast<int64_t>(others.size()) + 1 < most) others.emplace_back(run);
  } catch (const std::system_error &) {
    // Where a process can have no further thread, those that there are do the work.
  }
  run();
  for (auto &other : others) other.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace points
