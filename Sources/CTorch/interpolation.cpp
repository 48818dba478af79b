// duel::cubic_weights, matrices that interpolate along a line of values: at most four numbers of a row are not zero.
//
// The engine would compute the distance of every position to every value, and two polynomials of each, in a dozen passes.
#include "parallel.h"
#include <torch/library.h>

#include <algorithm>
#include <cmath>

#include "engine.h"

namespace {

using at::Tensor;

/// The weight of a value at a distance from 0 to 2, by Catmull and Rom (1974).
float weight(float distance) {
  return distance < 1 ? (distance * 1.5f - 2.5f) * (distance * distance) + 1
                      : ((distance * -0.5f + 2.5f) * distance - 4) * distance + 2;
}

/// Weights `[..., count]` of values at 0, 1, ... `count - 1` that interpolate at positions `[...]`; with `transposed`, weights
/// `[B, count, n]` of positions `[B, n]`. What lies beyond the values is 0.
Tensor cubic_weights(const Tensor &positions, int64_t count, bool transposed) {
  TORCH_CHECK(positions.dim() == 2 && positions.scalar_type() == at::kFloat && count > 0, "cubic_weights: found ",
              positions.scalar_type(), " positions ", positions.sizes(), " among ", count,
              " values, expected [B, n] in single precision");
  const auto batch = positions.size(0), rows = positions.size(1);
  const auto places = positions.contiguous();
  const auto result = at::zeros(transposed ? at::IntArrayRef{batch, count, rows} : at::IntArrayRef{batch, rows, count},
                                positions.options());
  const auto *from = places.const_data_ptr<float>();
  auto *to = result.mutable_data_ptr<float>();
  const int64_t across = transposed ? 1 : count, along = transposed ? rows : 1;
  duel::parallel_for(0, batch, std::max<int64_t>(1, (1 << 14) / std::max<int64_t>(1, rows)), [&](int64_t start, int64_t end) {
    for (int64_t number = start; number < end; ++number)
      for (int64_t row = 0; row < rows; ++row) {
        const float position = from[number * rows + row];
        // Also false for what is no number.
        if (!(position > -2 && position < static_cast<float>(count + 1))) continue;
        const auto first = static_cast<int64_t>(std::floor(position)) - 1;
        auto *line = to + number * rows * count + row * across;
        for (int64_t place = std::max<int64_t>(0, first); place < std::min(count, first + 4); ++place)
          line[place * along] = weight(std::abs(position - static_cast<float>(place)));
      }
  });
  return result;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(duel, library) {
  library.def("cubic_weights(Tensor positions, int count, bool transposed=False) -> Tensor");
}
TORCH_LIBRARY_IMPL(duel, CPU, library) { library.impl("cubic_weights", &cubic_weights); }
