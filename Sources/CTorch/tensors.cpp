#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstring>

#include "engine.h"

std::atomic<int64_t> ctorch::live_tensors{0};

int64_t ct_live_tensors(void) { return ctorch::live_tensors.load(); }

ct_tensor *ct_tensor_from_bytes(const void *bytes, size_t byte_count, ct_dtype dtype, const int64_t *shape,
                                int rank) {
  return ctorch::guarded(static_cast<ct_tensor *>(nullptr), [&] {
    auto tensor = at::empty(at::IntArrayRef(shape, static_cast<size_t>(rank)),
                            at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)));
    TORCH_CHECK(tensor.nbytes() == byte_count, "a tensor of shape ", tensor.sizes(), " takes ", tensor.nbytes(),
                " bytes, but ", byte_count, " were given");
    if (byte_count > 0) std::memcpy(tensor.mutable_data_ptr(), bytes, byte_count);
    return ctorch::give(std::move(tensor));
  });
}

ct_status ct_tensor_to_bytes(const ct_tensor *tensor, void *bytes, size_t byte_count) {
  return ctorch::checked([&] {
    const auto source = tensor->value.detach().to(at::kCPU).contiguous();
    TORCH_CHECK(source.nbytes() == byte_count, "the tensor holds ", source.nbytes(), " bytes, but ", byte_count,
                " were asked for");
    if (byte_count > 0) std::memcpy(bytes, source.const_data_ptr(), byte_count);
  });
}

void ct_tensor_free(ct_tensor *tensor) {
  if (tensor == nullptr) return;
  delete tensor;
  ctorch::live_tensors.fetch_sub(1, std::memory_order_relaxed);
}

int ct_tensor_rank(const ct_tensor *tensor) { return static_cast<int>(tensor->value.dim()); }

void ct_tensor_shape(const ct_tensor *tensor, int64_t *shape) {
  const auto sizes = tensor->value.sizes();
  std::copy(sizes.begin(), sizes.end(), shape);
}

ct_status ct_tensor_strides(const ct_tensor *tensor, int64_t *strides) {
  return ctorch::checked([&] {
    const auto steps = tensor->value.strides();
    std::copy(steps.begin(), steps.end(), strides);
  });
}

int ct_tensor_dtype(const ct_tensor *tensor) { return static_cast<int>(tensor->value.scalar_type()); }

ct_status ct_tensor_device(const ct_tensor *tensor, char *spelling) {
  return ctorch::checked([&] {
    const auto text = tensor->value.device().str();
    std::strncpy(spelling, text.c_str(), 15);
    spelling[15] = '\0';
  });
}

bool ct_tensor_requires_grad(const ct_tensor *tensor) { return tensor->value.requires_grad(); }

ct_status ct_tensor_set_requires_grad(ct_tensor *tensor, bool required) {
  return ctorch::checked([&] { tensor->value.set_requires_grad(required); });
}

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
    // The engine keeps casts of weights for all threads together: threads would find each other's, those without a gradient among
    // them, and whether they do would depend on which is faster.
    at::autocast::set_autocast_cache_enabled(false);
    at::autocast::set_autocast_enabled(type, dtype >= 0);
    if (dtype >= 0) at::autocast::set_autocast_dtype(type, static_cast<at::ScalarType>(dtype));
    return before;
  });
}
