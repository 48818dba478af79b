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
