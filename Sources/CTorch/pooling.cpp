// duel::highest_points, the point of a cloud `[B, N, C]` that has the largest element of each channel: `[B, C]`.
//
// The engine's own arg max reads memory against its order when the dimension is not the last. Here rows are read one after the
// other, and the running maxima of some channels stay in registers.
#include "parallel.h"
#include <torch/library.h>

#include <algorithm>
#include <limits>

#include "engine.h"

namespace {

using at::Tensor;

constexpr int64_t lanes = 16;

/// Of `rows` rows of `stride` numbers, the row of the largest in each of the first `width` columns, at most `lanes`.
template <typename Number>
void highest_rows(const Number *x, int64_t rows, int64_t stride, int64_t width, int64_t *index) {
  Number best[lanes];
  int32_t place[lanes];
  for (int64_t c = 0; c < lanes; ++c) {
    best[c] = -std::numeric_limits<Number>::infinity();
    place[c] = 0;
  }
  if (width == lanes) {
    for (int64_t n = 0; n < rows; ++n, x += stride) {
      for (int64_t c = 0; c < lanes; ++c) {
        const bool higher = x[c] > best[c];
        best[c] = higher ? x[c] : best[c];
        place[c] = higher ? static_cast<int32_t>(n) : place[c];
      }
    }
  } else {
    for (int64_t n = 0; n < rows; ++n, x += stride) {
      for (int64_t c = 0; c < width; ++c) {
        const bool higher = x[c] > best[c];
        best[c] = higher ? x[c] : best[c];
        place[c] = higher ? static_cast<int32_t>(n) : place[c];
      }
    }
  }
  for (int64_t c = 0; c < width; ++c) index[c] = place[c];
}

template <typename Number>
void highest_points(const Tensor &x, Tensor &index) {
  const auto clouds = x.size(0), points = x.size(1), channels = x.size(2);
  const auto *from = x.const_data_ptr<Number>();
  auto *to = index.mutable_data_ptr<int64_t>();
  duel::parallel_for(0, clouds, 1, [&](int64_t start, int64_t end) {
    for (int64_t b = start; b < end; ++b) {
      for (int64_t c = 0; c < channels; c += lanes) {
        highest_rows(from + b * points * channels + c, points, channels, std::min(lanes, channels - c),
                     to + b * channels + c);
      }
    }
  });
}

void check(const Tensor &x) {
  TORCH_CHECK(x.dim() == 3 && x.size(1) > 0, "highest_points: found ", x.sizes(), ", expected [B, N, C] with points");
  TORCH_CHECK(x.size(1) <= std::numeric_limits<int32_t>::max(), "highest_points: found ", x.size(1),
              " points, expected at most 2147483647");
}

Tensor highest_points_on_cpu(const Tensor &x) {
  check(x);
  auto index = at::empty({x.size(0), x.size(2)}, x.options().dtype(at::kLong));
  if (x.scalar_type() == at::kDouble) {
    highest_points<double>(x.contiguous(), index);
  } else {
    highest_points<float>(x.to(at::kFloat).contiguous(), index);
  }
  return index;
}

/// Elsewhere the engine's own: kernels of other devices differ.
Tensor highest_points_by_engine(const Tensor &x) {
  check(x);
  return at::argmax(x, 1);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(duel, library) { library.def("highest_points(Tensor x) -> Tensor"); }
TORCH_LIBRARY_IMPL(duel, CPU, library) { library.impl("highest_points", &highest_points_on_cpu); }
TORCH_LIBRARY_IMPL(duel, CUDA, library) { library.impl("highest_points", &highest_points_by_engine); }
TORCH_LIBRARY_IMPL(duel, MPS, library) { library.impl("highest_points", &highest_points_by_engine); }
