// duel::chamfer_matrix, Chamfer distances between all clouds of two sets or of one, with what they tell of other distances.
//
// By plain differences: with three coordinates a vector register holds sixteen pairs of points, and neither a product of
// matrices nor a tree keeps up.
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "engine.h"
#include "vectors.h"

namespace {

using at::Tensor;
using ctorch::Floats;
using ctorch::lanes;

/// A cloud's coordinates, an axis after the other, each filled up to whole vectors with points too far to be nearest.
struct Axes {
  const Floats *x, *y, *z;
};

constexpr int together = 4;

/// Squared distances from each point of one cloud to the nearest of the other, both ways. Both arrays are whole vectors.
DUEL_VECTORISED void nearest_squares(const float *points, int64_t count, const Axes *other, int64_t blocks, float *from,
                                     Floats *to) {
  const float infinity = __builtin_inff();
  for (int64_t block = 0; block < blocks; block++) to[block] = Floats{} + infinity;
  // A few points at a time: the other cloud is then read as much less often.
  for (int64_t i = 0; i < count; i += together) {
    Floats best[together];
    float p[together][3];
    for (int k = 0; k < together; k++) {
      best[k] = Floats{} + infinity;
      const int64_t place = i + k < count ? i + k : count - 1;
      for (int axis = 0; axis < 3; axis++) p[k][axis] = points[3 * place + axis];
    }
    for (int64_t block = 0; block < blocks; block++) {
      const Floats x = other->x[block], y = other->y[block], z = other->z[block];
      Floats nearest = to[block];
      for (int k = 0; k < together; k++) {
        const Floats dx = x - p[k][0], dy = y - p[k][1], dz = z - p[k][2];
        const Floats squares = dx * dx + dy * dy + dz * dz;
        best[k] = __builtin_elementwise_min(best[k], squares);
        nearest = __builtin_elementwise_min(nearest, squares);
      }
      to[block] = nearest;
    }
    for (int k = 0; k < together && i + k < count; k++) {
      float least = best[k][0];
      for (int lane = 1; lane < lanes; lane++) least = best[k][lane] < least ? best[k][lane] : least;
      from[i + k] = least;
    }
  }
}

Tensor checked(const Tensor &clouds) {
  TORCH_CHECK(clouds.dim() == 3 && clouds.size(2) == 3 && clouds.size(1) > 0, "clouds of shape ", clouds.sizes(),
              ", expected [clouds, points, 3]");
  return clouds.to(at::kCPU, at::kFloat).contiguous();
}

/// The mean of squared distances, and of the distances.
std::pair<double, double> means(const float *squares, int64_t count) {
  double sum = 0, roots = 0;
  for (int64_t i = 0; i < count; i++) {
    sum += squares[i];
    roots += std::sqrt(squares[i]);
  }
  return {sum / double(count), roots / double(count)};
}

/// Without a second set, distances within the first.
std::tuple<Tensor, Tensor> chamfer_matrix(const Tensor &first, const std::optional<Tensor> &second) {
  const auto a = checked(first), b = second ? checked(*second) : a;
  const int64_t rows = a.size(0), n = a.size(1), columns = b.size(0), m = b.size(1);
  const int64_t blocks = ctorch::vectors_for(m), stride = blocks * lanes;
  // Far, but near enough for its square to be finite.
  auto padded = at::full({columns, 3, stride}, 1e18, at::kFloat);
  padded.narrow(2, 0, m).copy_(b.transpose(1, 2));
  auto chamfer = at::empty({rows, columns}, at::kDouble), one_sided = at::empty({rows, columns}, at::kDouble);
  at::parallel_for(0, rows, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> from(n);
    auto to = at::empty({stride}, at::kFloat);
    for (int64_t row = begin; row < end; row++)
      // Within one set the pairs of a row and the half of the rows that follow it, around the end: each pair once, and no
      // row with more work than others.
      for (int64_t k = 0; k < (second ? columns : rows / 2 + 1); k++) {
        if (!second && 2 * k == rows && row >= k) break;
        const int64_t column = second ? k : (row + k) % rows;
        const auto *x = reinterpret_cast<const Floats *>(padded.data_ptr<float>() + column * 3 * stride);
        const Axes axes{x, x + blocks, x + 2 * blocks};
        nearest_squares(a.data_ptr<float>() + row * n * 3, n, &axes, blocks, from.data(),
                        reinterpret_cast<Floats *>(to.data_ptr<float>()));
        const auto [forth, forth_root] = means(from.data(), n);
        const auto [back, back_root] = means(to.data_ptr<float>(), m);
        chamfer.data_ptr<double>()[row * columns + column] = forth + back;
        one_sided.data_ptr<double>()[row * columns + column] = std::max(forth_root, back_root);
        if (second) continue;
        chamfer.data_ptr<double>()[column * columns + row] = forth + back;
        one_sided.data_ptr<double>()[column * columns + row] = std::max(forth_root, back_root);
      }
  });
  return {chamfer, one_sided};
}

}  // namespace

// Squared distances to nearest points, averaged over each cloud, both ways added; and the larger of the mean plain distances.
TORCH_LIBRARY_FRAGMENT(duel, library) {
  library.def("chamfer_matrix(Tensor a, Tensor? b) -> (Tensor chamfer, Tensor one_sided)");
}
TORCH_LIBRARY_IMPL(duel, CompositeExplicitAutograd, library) { library.impl("chamfer_matrix", &chamfer_matrix); }
