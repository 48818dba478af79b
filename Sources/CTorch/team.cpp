// Threads that run independent chains of operators side by side.
#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "engine.h"

// The number is each thread's own in OpenMP and in MKL, whose entries are asked for by name since no headers of theirs come with
// the engine.
void ct_set_own_threads(int count) {
  static const auto set_openmp = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  static const auto set_products = reinterpret_cast<int (*)(int)>(dlsym(RTLD_DEFAULT, "MKL_Set_Num_Threads_Local"));
  // The engine settles a thread's number when it is first asked; afterwards it would undo what is set here.
  at::get_num_threads();
  if (set_openmp) set_openmp(count);
  if (set_products) set_products(count);
}

struct ct_team {
  explicit ct_team(int size) {
    threads.reserve(size);
    try {
      for (int member = 1; member < size; member++) threads.emplace_back([this, member] { serve(member); });
    } catch (const std::system_error &) {
      // Where a process can have no further thread, those that there are do the work.
    }
  }

  ~ct_team() {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      is_over = true;
    }
    begun.notify_all();
    for (auto &thread : threads) thread.join();
  }

  void run(int total, int share, void (*work)(void *, int), void *data) {
    const int all = at::get_num_threads();
    {
      const std::lock_guard<std::mutex> lock(mutex);
      count = total, threads_each = share, body = work, context = data;
      busy = static_cast<int>(threads.size());
      round++;
    }
    begun.notify_all();
    ct_set_own_threads(share);
    take(0);
    ct_set_own_threads(all);
    std::unique_lock<std::mutex> lock(mutex);
    ended.wait(lock, [this] { return busy == 0; });
  }

 private:
  /// The numbers of a member, one in as many as there are members: which thread has a number does not depend on their speed.
  void take(int member) {
    for (int number = member; number < count; number += static_cast<int>(threads.size()) + 1) body(context, number);
  }

  void serve(int member) {
    int done = 0;
    while (true) {
      {
        std::unique_lock<std::mutex> lock(mutex);
        begun.wait(lock, [&] { return is_over || round != done; });
        if (is_over) return;
        done = round;
      }
      ct_set_own_threads(threads_each);
      take(member);
      const std::lock_guard<std::mutex> lock(mutex);
      if (--busy == 0) ended.notify_one();
    }
  }

  std::vector<std::thread> threads;
  std::mutex mutex;
  std::condition_variable begun, ended;
  int round = 0, busy = 0, count = 0, threads_each = 1;
  bool is_over = false;
  void (*body)(void *, int) = nullptr;
  void *context = nullptr;
};

ct_team *ct_team_new(int size) {
  return ctorch::guarded<ct_team *>(nullptr, [&] { return new ct_team(size); });
}

void ct_team_run(ct_team *team, int count, int threads_each, void (*body)(void *context, int number), void *context) {
  team->run(count, threads_each, body, context);
}

void ct_team_free(ct_team *team) { delete team; }
