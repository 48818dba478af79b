// duel::chamfer_matrix, Chamfer distances between all clouds of two sets or of one, with the bounds that follow for other
// distances; and duel::nearest_chamfer, each cloud's nearest of a set, for which most pairs need not be measured.
//
// By plain differences: with three coordinates a vector register holds sixteen pairs of points, and neither a product of
// matrices nor a tree of points keeps up; of many points pairs of blocks are left out that are too far apart. Single precision
// holds squares of distances from about 1e-19 to 1e19, so a pair that is smaller or larger is brought to an extent near 1
// first; where its distances then vanish beside its extent, they are found in double precision.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include "chamfer_blocks.h"
#include "chamfer_bounds.h"
#include "clouds.h"
#include "operators.h"
#include "parallel.h"
#include "vectors.h"

namespace {

using at::Tensor;
using points::Floats;
using points::lanes;

/// A cloud's coordinates, an axis after the other, each filled up to whole vectors with points too far to be nearest.
struct Axes {
  const Floats *x, *y, *z;
};

constexpr int together = 4;
/// Extents of pairs that are taken as they are, and the mean square in units of others that is too small to rely on.
constexpr double least_unit = 0x1p-16, largest_unit = 0x1p32, least_mean = 0x1p-80;

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
        points::take_lesser(best[k], squares);
        points::take_lesser(nearest, squares);
      }
      to[block] = nearest;
    }
    for (int k = 0; k < together && i + k < count; k++) from[i + k] = points::least_of(best[k]);
  }
}

Tensor checked(const Tensor &clouds) {
  TORCH_CHECK(clouds.dim() == 3 && clouds.size(2) == 3 && clouds.size(1) > 0, "clouds of shape ", clouds.sizes(),
              ", expected [clouds, points, 3]");
  return clouds.to(at::kCPU, at::kFloat).contiguous();
}

/// The mean of squared distances, and of the distances.
template <typename Number>
std::pair<double, double> means(const Number *squares, int64_t count) {
  double sum = 0, roots = 0;
  for (int64_t i = 0; i < count; i++) {
    sum += squares[i];
    roots += std::sqrt(squares[i]);
  }
  return {sum / double(count), roots / double(count)};
}

/// Both distances of a pair.
struct Distances {
  double chamfer, one_sided;

  /// From squared distances to nearest points, both ways, in units of `unit`.
  template <typename Number>
  Distances(const Number *from, int64_t n, const Number *to, int64_t m, double unit) {
    const auto [forth, forth_root] = means(from, n);
    const auto [back, back_root] = means(to, m);
    chamfer = (forth + back) * unit * unit;
    one_sided = std::max(forth_root, back_root) * unit;
  }
};

/// Points from which on blocks are worth the work.
constexpr int64_t fewest_blocked = 256;

/// A set of clouds: coordinates side by side, an axis after the other, and in blocks of near points.
struct Set {
  int64_t points, blocks;
  Tensor rows, axes;
  std::vector<points::Box> boxes;
  /// Of clouds of many points whose coordinates have squares within single precision, once asked for; none otherwise.
  std::vector<points::BlockedCloud> blocked;

  explicit Set(const Tensor &clouds)
      : points(clouds.size(1)), blocks(points::vectors_for(points)), rows(clouds) {
    axes = at::full({clouds.size(0), 3, stride()}, std::numeric_limits<float>::infinity(), at::kFloat);
    axes.narrow(2, 0, points).copy_(clouds.transpose(1, 2));
    for (int64_t place = 0; place < clouds.size(0); place++) boxes.emplace_back(cloud(place), points);
  }

  /// Puts points in blocks, for distances of many pairs.
  void block() {
    // What is not a number is not less.
    const bool fits = rows.numel() == 0 || (rows.abs() < largest_unit / 4).all().item<bool>();
    if (!fits || points < fewest_blocked) return;
    for (int64_t place = 0; place < rows.size(0); place++) blocked.emplace_back(cloud(place), points);
  }

  int64_t stride() const { return blocks * lanes; }
  const float *cloud(int64_t place) const { return rows.const_data_ptr<float>() + place * points * 3; }
  const float *axes_of(int64_t place) const { return axes.const_data_ptr<float>() + place * 3 * stride(); }
};

/// Numbers in units of `unit`.
void measure_by(double unit, const float *numbers, float *results, int64_t count) {
  for (int64_t i = 0; i < count; i++) results[i] = static_cast<float>(numbers[i] / unit);
}

/// Measures pairs of clouds of two sets, one after the other.
class Meter {
 public:
  Meter(const Set &first, const Set &second)
      : a(first), b(second), from(a.points), to(at::empty({b.stride()}, at::kFloat)), small_points(3 * a.points),
        small_axes(at::empty({3 * b.stride()}, at::kFloat)) {}

  Distances measure(int64_t row, int64_t column) {
    const points::Extent extent(a.boxes[row], b.boxes[column]);
    const bool is_ordinary = extent.diagonal == 0 || (extent.unit >= least_unit && extent.unit <= largest_unit);
    const double unit = is_ordinary ? 1 : extent.unit;
    if (is_ordinary && !a.blocked.empty() && !b.blocked.empty()) {
      by_blocks.measure(a.blocked[row], b.blocked[column], from.data(), to.data_ptr<float>());
      return reliable(row, column, unit);
    }
    const float *points = a.cloud(row), *axes = b.axes_of(column);
    if (!is_ordinary) {
      measure_by(unit, points, small_points.data(), 3 * a.points);
      measure_by(unit, axes, small_axes.data_ptr<float>(), 3 * b.stride());
      points = small_points.data();
      axes = small_axes.data_ptr<float>();
    }
    const auto *x = reinterpret_cast<const Floats *>(axes);
    const Axes other{x, x + b.blocks, x + 2 * b.blocks};
    nearest_squares(points, a.points, &other, b.blocks, from.data(), reinterpret_cast<Floats *>(to.data_ptr<float>()));
    return reliable(row, column, unit);
  }

 private:
  const Set &a, &b;
  points::NearestByBlocks by_blocks;
  std::vector<float> from;
  Tensor to;
  /// A pair in units of its extent.
  std::vector<float> small_points;
  Tensor small_axes;

  /// By the squared distances that were found, unless these are too small to rely on.
  Distances reliable(int64_t row, int64_t column, double unit) const {
    const Distances found(from.data(), a.points, to.const_data_ptr<float>(), b.points, unit);
    return found.chamfer < least_mean * unit * unit ? precisely(row, column) : found;
  }

  /// In double precision, without vectors.
  Distances precisely(int64_t row, int64_t column) const {
    const float *p = a.cloud(row), *q = b.cloud(column);
    std::vector<double> from(a.points, 0), to(b.points, 0);
    const bool are_equal = a.points == b.points && std::memcmp(p, q, a.points * 3 * sizeof(float)) == 0;
    if (!are_equal) {
      from.assign(a.points, std::numeric_limits<double>::infinity());
      to.assign(b.points, std::numeric_limits<double>::infinity());
      for (int64_t i = 0; i < a.points; i++)
        for (int64_t j = 0; j < b.points; j++) {
          const double square = points::squared_distance(p + 3 * i, q + 3 * j);
          from[i] = std::min(from[i], square);
          to[j] = std::min(to[j], square);
        }
    }
    return Distances(from.data(), a.points, to.data(), b.points, 1);
  }
};

}  // namespace

// Without a second set, distances within the first.
std::tuple<Tensor, Tensor> points::chamfer_matrix(const Tensor &first, const std::optional<Tensor> &second) {
  Set a(checked(first));
  const bool has_many = second ? a.rows.size(0) > 1 && second->size(0) > 1 : a.rows.size(0) > 2;
  if (has_many) a.block();
  Set b = second ? Set(checked(*second)) : a;
  if (second && has_many) b.block();
  const int64_t rows = a.rows.size(0), columns = b.rows.size(0);
  auto chamfer = at::empty({rows, columns}, at::kDouble), one_sided = at::empty({rows, columns}, at::kDouble);
  const auto keep = [&](int64_t row, int64_t column, const Distances &distances) {
    chamfer.data_ptr<double>()[row * columns + column] = distances.chamfer;
    one_sided.data_ptr<double>()[row * columns + column] = distances.one_sided;
  };
  points::share_out(rows, [&](points::Shares &shares) {
    Meter meter(a, b);
    for (int64_t row; shares.take(row);)
      // Within one set the pairs of a row and the half of the rows that follow it, around the end: each pair once, and no
      // row with more work than others.
      for (int64_t k = 0; k < (second ? columns : rows / 2 + 1); k++) {
        if (!second && 2 * k == rows && row >= k) break;
        const int64_t column = second ? k : (row + k) % rows;
        const auto distances = meter.measure(row, column);
        keep(row, column, distances);
        if (!second) keep(column, row, distances);
      }
  });
  return {chamfer, one_sided};
}

std::tuple<Tensor, Tensor, Tensor> points::nearest_chamfer(const Tensor &first, const Tensor &second, const Tensor &except,
                                                           const Tensor &limits) {
  const Set a(checked(first)), b(checked(second));
  const int64_t rows = a.rows.size(0), columns = b.rows.size(0);
  TORCH_CHECK(except.sizes() == at::IntArrayRef({rows}), "places of shape ", except.sizes(), ", expected [", rows, "]");
  TORCH_CHECK(limits.sizes() == at::IntArrayRef({columns}), "limits of shape ", limits.sizes(), ", expected [", columns, "]");
  for (const Set *set : {&a, &b})
    TORCH_CHECK(at::isfinite(set->rows).all().item<bool>(), "clouds with coordinates that are not finite");
  const auto left_out = except.to(at::kCPU, at::kLong).contiguous();
  const auto within = limits.to(at::kCPU, at::kDouble).contiguous();
  // Squares of larger coordinates are beyond single precision: nothing is known of such pairs before they are measured.
  const auto fits = [](const Set &set) { return set.rows.numel() == 0 || set.rows.abs().max().item<float>() < largest_unit / 4; };
  const bool has_bounds = fits(a) && fits(b);
  std::vector<points::BlockedCloud> blocked;
  if (has_bounds)
    for (int64_t column = 0; column < columns; column++) blocked.emplace_back(b.cloud(column), b.points);
  auto index = at::full({rows}, -1, at::kLong);
  auto distance = at::full({rows}, std::numeric_limits<double>::infinity(), at::kDouble);
  auto is_within = at::zeros({rows}, at::kBool);
  points::share_out(rows, [&](points::Shares &shares) {
    Meter meter(a, b);
    points::ChamferBounds bounds;
    std::vector<double> lower(columns, 0);
    std::vector<int64_t> order(columns);
    for (int64_t row; shares.take(row);) {
      std::optional<points::BlockedCloud> own;
      if (has_bounds) {
        own.emplace(a.cloud(row), a.points);
        for (int64_t column = 0; column < columns; column++) lower[column] = bounds.by_boxes(*own, blocked[column]);
      }
      std::iota(order.begin(), order.end(), 0);
      std::sort(order.begin(), order.end(),
                [&](int64_t i, int64_t j) { return lower[i] < lower[j] || (lower[i] == lower[j] && i < j); });
      auto &nearest = index.data_ptr<int64_t>()[row];
      auto &best = distance.data_ptr<double>()[row];
      auto &is_near = is_within.data_ptr<bool>()[row];
      for (const int64_t column : order) {
        if (column == left_out.const_data_ptr<int64_t>()[row]) continue;
        // Beyond this the pair tells nothing: as near as the nearest it may be the first of equals.
        const double limit = within.const_data_ptr<double>()[column], most = is_near ? best : std::max(best, limit);
        if (lower[column] > most || (own && !bounds.may_be_within(most, *own, blocked[column]))) continue;
        const double found = meter.measure(row, column).chamfer;
        is_near = is_near || found <= limit;
        if (found > best || (found == best && column > nearest)) continue;
        best = found;
        nearest = column;
      }
    }
  });
  return {index, distance, is_within};
}
