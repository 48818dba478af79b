#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/cpu/Utils.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/version.h>

#include "engine.h"

namespace {
thread_local std::string last_message;
thread_local ct_status last_status = CT_OK;

ct_status record(const char *message) noexcept {
  try {
    last_message = message;
    // Keep what explains the failure, on one line.
    for (auto &character : last_message)
      if (character == '\n') character = ' ';
    while (!last_message.empty() && last_message.back() == ' ') last_message.pop_back();
  } catch (...) {
    last_message.clear();
  }
  bool memory = false;
  // The engine's allocators have one error type for memory and for much else; their words differ by device.
  for (const char *words : {"not enough memory", "out of memory", "can't allocate memory"})
    memory = memory || last_message.find(words) != std::string::npos;
  last_status = memory ? CT_OUT_OF_MEMORY : CT_ERROR;
  return last_status;
}
}  // namespace

ct_status ctorch::record_failure() noexcept {
  try {
    throw;
  } catch (const c10::Error &error) {
    return record(error.what_without_backtrace());
  } catch (const std::bad_alloc &) {
    return record("out of memory");
  } catch (const std::exception &error) {
    return record(error.what());
  } catch (...) {
    return record("the engine threw something that is no exception of its own");
  }
}

const char *ct_last_error(void) { return last_message.c_str(); }
ct_status ct_last_status(void) { return last_status; }

const char *ct_version(void) { return TORCH_VERSION; }

const char *ct_cpu_capability(void) {
  thread_local std::string capability;
  return ctorch::guarded("unknown", [&] {
    capability = at::get_cpu_capability();
    return capability.c_str();
  });
}

namespace {
bool cpu_has(const std::string &capability) {
  const auto known = at::cpu::get_cpu_capabilities();
  const auto entry = known.find(capability);
  return entry != known.end() && entry->second.isBool() && entry->second.toBool();
}
}  // namespace

bool ct_cpu_multiplies_bfloat16(void) {
  static const bool multiplies = ctorch::guarded(false, [] { return cpu_has("avx512_bf16"); });
  return multiplies;
}

bool ct_cpu_gains_by_bfloat16(void) {
  static const bool gains = ctorch::guarded(false, [] {
    if (cpu_has("amx_bf16")) return true;
#if defined(__x86_64__)
    // Intel's vectors multiply twice as many numbers half as often.
    return __builtin_cpu_is("amd") && cpu_has("avx512_bf16");
#else
    return false;
#endif
  });
  return gains;
}

int ct_threads(void) { return at::get_num_threads(); }

ct_status ct_set_threads(int count) {
  return ctorch::checked([&] { at::set_num_threads(count); });
}

const char *ct_devices(void) {
  thread_local std::string devices;
  return ctorch::guarded("cpu", [&] {
    devices = "cpu";
    if (at::hasCUDA())
      for (int index = 0; index < at::detail::getCUDAHooks().deviceCount(); index++)
        devices += "\ncuda:" + std::to_string(index);
    if (at::hasMPS()) devices += "\nmps";
    return devices.c_str();
  });
}

ct_status ct_set_deterministic(bool on) {
  return ctorch::checked([&] { at::globalContext().setDeterministicAlgorithms(on, false); });
}
