#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/version.h>

#include "engine.h"

const char *ct_version(void) { return TORCH_VERSION; }

const char *ct_cpu_capability(void) {
  thread_local std::string capability;
  return ctorch::guarded("unknown", [&] {
    capability = at::get_cpu_capability();
    return capability.c_str();
  });
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
