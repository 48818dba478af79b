// What the sources share. A missing engine stops the compiler here, with advice, before any other header of libtorch.
#pragma once
#if !__has_include(<ATen/ATen.h>)
#include "libtorch not found: run 'make setup', or set LIBTORCH"
#endif
#include <ATen/ATen.h>

#include <atomic>
#include <string>

#include "ctorch.h"

struct ct_tensor {
  at::Tensor value;
};

namespace ctorch {

extern std::atomic<int64_t> live_tensors;

/// Gives a tensor to the caller.
inline ct_tensor *give(at::Tensor value) {
  auto *tensor = new ct_tensor{std::move(value)};
  live_tensors.fetch_add(1, std::memory_order_relaxed);
  return tensor;
}

/// Records why the current call failed; to be called inside a catch block.
ct_status record_failure() noexcept;

/// The one catch-all: runs `body`, and returns `failed` after recording what it threw.
template <typename Result, typename Body>
Result guarded(Result failed, Body &&body) noexcept {
  try {
    return body();
  } catch (...) {
    record_failure();
    return failed;
  }
}

/// The same for functions that return a status.
template <typename Body>
ct_status checked(Body &&body) noexcept {
  try {
    body();
    return CT_OK;
  } catch (...) {
    return record_failure();
  }
}

}  // namespace ctorch
