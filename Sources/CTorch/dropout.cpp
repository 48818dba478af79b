// duel::kept, which elements dropout keeps: 1 / (1 - p) with probability 1 - p, and 0, as a function of a seed and of each
// element's index alone.
//
// The engine draws one word after the other and needs several passes to make a factor of each. Here an element's word is a hash of
// its index, so that many are made at once. Of two shapes that differ in the first extent only, the shorter one has the longer
// one's first elements.
#include "parallel.h"
#include <torch/library.h>

#include <algorithm>

#include "engine.h"
#include "widths.h"

namespace {

using at::Tensor;

/// Bits of a number, each of which depends on all of its bits (constants by Wellons, "prospecting for hash functions").
INLINE uint32_t mixed(uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7feb352du;
  x = (x ^ (x >> 15)) * 0x846ca68bu;
  return x ^ (x >> 16);
}

FOR_EACH_WIDTH void keep(float *to, uint32_t start, int64_t count, uint32_t first_key, uint32_t second_key,
                         uint32_t limit, float factor) {
  for (int64_t index = 0; index < count; ++index) {
    const uint32_t word = mixed(mixed((start + static_cast<uint32_t>(index)) ^ first_key) + second_key);
    to[index] = word >= limit ? factor : 0.0f;
  }
}

Tensor kept(at::IntArrayRef shape, double probability, int64_t seed) {
  TORCH_CHECK(probability >= 0 && probability < 1, "kept: found the probability ", probability, ", expected 0 <= p < 1");
  const auto result = at::empty(shape, at::TensorOptions(at::kFloat));
  auto *to = result.mutable_data_ptr<float>();
  const auto bits = static_cast<uint64_t>(seed);
  const auto limit = static_cast<uint32_t>(probability * 4294967296.0);
  const auto factor = static_cast<float>(1 / (1 - probability));
  constexpr int64_t block = 1 << 14;
  duel::parallel_for(0, (result.numel() + block - 1) / block, 8, [&](int64_t start, int64_t end) {
    for (int64_t number = start; number < end; ++number) {
      const auto first = number * block;
      // Indices beyond 32 bits have other keys.
      const auto high = mixed(static_cast<uint32_t>(static_cast<uint64_t>(first) >> 32));
      keep(to + first, static_cast<uint32_t>(first), std::min(block, result.numel() - first),
           mixed(static_cast<uint32_t>(bits)) ^ high, mixed(static_cast<uint32_t>(bits >> 32) + 0x9e3779b9u), limit, factor);
    }
  });
  return result;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(duel, library) { library.def("kept(int[] shape, float probability, int seed) -> Tensor"); }
TORCH_LIBRARY_IMPL(duel, CompositeExplicitAutograd, library) { library.impl("kept", &kept); }
