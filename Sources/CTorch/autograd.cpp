#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "engine.h"

namespace {
std::vector<at::Tensor> values(ct_tensor *const *tensors, int count) {
  std::vector<at::Tensor> list;
  list.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; i++) list.push_back(tensors[i] ? tensors[i]->value : at::Tensor());
  return list;
}
}  // namespace

ct_status ct_backward(const ct_tensor *loss) {
  return ctorch::checked([&] { loss->value.backward(); });
}

ct_tensor *ct_grad(const ct_tensor *leaf) {
  return ctorch::guarded(static_cast<ct_tensor *>(nullptr), [&]() -> ct_tensor * {
    const auto &gradient = leaf->value.grad();
    return gradient.defined() ? ctorch::give(gradient) : nullptr;
  });
}

ct_status ct_set_grad(ct_tensor *leaf, const ct_tensor *gradient) {
  return ctorch::checked([&] { leaf->value.mutable_grad() = gradient ? gradient->value : at::Tensor(); });
}

ct_status ct_gradients(ct_tensor *const *outputs, int output_count, ct_tensor *const *seeds,
                       ct_tensor *const *inputs, int input_count, bool create_graph, ct_tensor **gradients) {
  return ctorch::checked([&] {
    const auto results = torch::autograd::grad(
        values(outputs, output_count), values(inputs, input_count),
        seeds ? values(seeds, output_count) : std::vector<at::Tensor>{}, std::nullopt, create_graph,
        /*allow_unused=*/true);
    for (int i = 0; i < input_count; i++)
      gradients[i] = results[i].defined() ? ctorch::give(results[i]) : nullptr;
  });
}

bool ct_grad_enabled(void) { return at::GradMode::is_enabled(); }

bool ct_set_grad_enabled(bool enabled) {
  const bool before = at::GradMode::is_enabled();
  at::GradMode::set_enabled(enabled);
  return before;
}

int32_t ct_set_autocast(const char *device, int32_t dtype) {
  return ctorch::guarded(int32_t{-1}, [&]() -> int32_t {
    const auto type = at::Device(device).type();
    const int32_t before = at::autocast::is_autocast_enabled(type)
                               ? static_cast<int32_t>(at::autocast::get_autocast_dtype(type)) : -1;
    at::autocast::set_autocast_enabled(type, dtype >= 0);
    if (dtype >= 0) at::autocast::set_autocast_dtype(type, static_cast<at::ScalarType>(dtype));
    return before;
  });
}

ct_status ct_clear_autocast_cache(void) {
  return ctorch::checked([] { at::autocast::clear_cache(); });
}
