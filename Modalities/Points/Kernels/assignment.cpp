// One-to-one matchings of clouds of as many points: duel::exact_assignment finds the cheapest, duel::approximate_assignment
// one that costs little more, and duel::nearest_assignment each cloud's nearest one under either distance without solving
// every pair.
#include "assignment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "operators.h"
#include "parallel.h"

namespace {

using at::Tensor;

Tensor checked(const Tensor &clouds, const char *name) {
  TORCH_CHECK(clouds.dim() == 3 && clouds.size(2) == 3 && clouds.size(1) > 0, name, " of shape ", clouds.sizes(),
              ", expected [clouds, points, 3]");
  TORCH_CHECK(clouds.size(1) < 1 << 15, clouds.size(1), " points a cloud, expected fewer than 32768");
  const auto dense = clouds.to(at::kCPU, at::kFloat).contiguous();
  TORCH_CHECK(at::isfinite(dense).all().item<bool>(), name, " with coordinates that are not finite");
  return dense;
}

std::unique_ptr<points::Matcher> new_matcher(int64_t points, bool approximate) {
  return approximate ? points::auction_matcher(points) : points::exact_matcher(points);
}

/// Matches clouds pair by pair: costs and lower bounds `[P]`, and matches `[P, N]`.
std::tuple<Tensor, Tensor, Tensor> matched(const Tensor &first, const Tensor &second, bool approximate) {
  const auto a = checked(first, "clouds"), b = checked(second, "clouds");
  TORCH_CHECK(a.sizes() == b.sizes(), "clouds of shapes ", a.sizes(), " and ", b.sizes(), ", expected equal ones");
  const int64_t pairs = a.size(0), n = a.size(1);
  auto cost = at::empty({pairs}, at::kDouble), lower = at::empty({pairs}, at::kDouble);
  auto index = at::empty({pairs, n}, at::kLong);
  points::share_out(pairs, [&](points::Shares &shares) {
    const auto matcher = new_matcher(n, approximate);
    for (int64_t pair; shares.take(pair);) {
      const auto bounds = matcher->match(a.data_ptr<float>() + pair * n * 3, b.data_ptr<float>() + pair * n * 3,
                                         std::numeric_limits<double>::infinity());
      cost.data_ptr<double>()[pair] = bounds.upper;
      lower.data_ptr<double>()[pair] = bounds.lower;
      std::copy_n(matcher->matches(), n, index.data_ptr<int64_t>() + pair * n);
    }
  });
  return {cost, lower, index};
}

}  // namespace

std::tuple<Tensor, Tensor> points::exact_assignment(const Tensor &first, const Tensor &second) {
  const auto [cost, lower, index] = matched(first, second, false);
  return {cost, index};
}

std::tuple<Tensor, Tensor, Tensor> points::approximate_assignment(const Tensor &first, const Tensor &second) {
  return matched(first, second, true);
}

std::tuple<Tensor, Tensor, Tensor, double> points::nearest_assignment(const Tensor &first, const Tensor &second,
                                                                      const Tensor &lower, const Tensor &solved,
                                                                      bool approximate) {
  const auto a = checked(first, "clouds"), b = checked(second, "clouds");
  const int64_t rows = a.size(0), columns = b.size(0), n = a.size(1);
  TORCH_CHECK(b.size(1) == n, "clouds of ", n, " and ", b.size(1), " points, expected equal numbers");
  for (const auto &matrix : {lower, solved})
    TORCH_CHECK(matrix.sizes() == at::IntArrayRef({rows, columns}), "a matrix of shape ", matrix.sizes(), ", expected [",
                rows, ", ", columns, "]");
  auto known = lower.to(at::kCPU, at::kDouble).contiguous().clone();
  auto distances = solved.to(at::kCPU, at::kBool).contiguous().clone();
  auto index = at::full({rows}, -1, at::kLong);
  std::vector<double> gaps(rows, 0);
  points::share_out(rows, [&](points::Shares &shares) {
    const auto matcher = new_matcher(n, approximate);
    std::vector<int64_t> order(columns);
    for (int64_t row; shares.take(row);) {
      auto *bounds = known.data_ptr<double>() + row * columns;
      auto *is_distance = distances.data_ptr<bool>() + row * columns;
      std::iota(order.begin(), order.end(), 0);
      // Equal ones in the order of their positions.
      std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t j) { return bounds[i] < bounds[j]; });
      double best = std::numeric_limits<double>::infinity();
      for (const int64_t column : order) {
        if (bounds[column] >= best) break;
        if (!is_distance[column]) {
          const auto pair =
              matcher->match(a.data_ptr<float>() + row * n * 3, b.data_ptr<float>() + column * n * 3, best);
          bounds[column] = std::max(bounds[column], pair.lower);
          is_distance[column] = std::isfinite(pair.upper);
          if (is_distance[column] && pair.upper > bounds[column]) {
            gaps[row] = std::max(gaps[row], pair.upper / bounds[column] - 1);
            bounds[column] = pair.upper;
          }
        }
        if (is_distance[column] && bounds[column] < best) {
          best = bounds[column];
          index.data_ptr<int64_t>()[row] = column;
        }
      }
    }
  });
  return {index, known, distances, gaps.empty() ? 0 : *std::max_element(gaps.begin(), gaps.end())};
}
