// duel::exact_assignment, the cheapest one-to-one matching of two clouds of as many points, and duel::nearest_assignment,
// which finds each cloud's nearest one under that distance without solving every pair.
//
// Shortest augmenting paths after Jonker and Volgenant ("A shortest augmenting path algorithm for dense and sparse linear
// assignment problems", Computing 38, 1987). Distances are kept as whole multiples of 2^-26 of the pair's extent: sums of
// duals are then exact, no comparison depends on rounding, and a vector register holds sixteen of them. What that costs is
// a matching within 2^-26 of the extent of the best; its own cost is then computed anew, in double precision.
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "engine.h"

// The hot functions exist once for each of these instruction sets; the machine's best is chosen when the library loads.
#if defined(__x86_64__) && defined(__linux__)
#define DUEL_VECTORISED __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define DUEL_VECTORISED
#endif
#define DUEL_INLINED inline __attribute__((always_inline))

namespace {

using at::Tensor;

constexpr int lanes = 16;
typedef int32_t Ints __attribute__((vector_size(lanes * sizeof(int32_t))));
typedef float Floats __attribute__((vector_size(lanes * sizeof(float))));

/// The largest distance.
constexpr int32_t unit = 1 << 26;
/// More than any path is long.
constexpr int32_t unreachable = 1 << 30;
/// The dual of a column that must not be chosen: what is left of a distance less this dual passes `unreachable`, and yet
/// does not overflow.
constexpr int32_t closed = -(unreachable + unreachable / 2);

/// What one pair needs, reused from pair to pair. Plain arrays: the compiler loses templates that only cloned functions use.
struct Workspace {
  int64_t n, stride, blocks;
  /// Distances, a row for each point of the first cloud.
  int32_t *costs;
  /// Over columns, that is, points of the second cloud: duals; duals of columns not yet visited; lengths of paths and
  /// the rows that they come from; the row that holds each column or -1; spare room.
  int32_t *v, *open, *distance, *before, *owner, *scratch;
  /// Over rows: the column of each or -1, and bounds of the free ones; then lists of rows and columns.
  int32_t *column, *bound, *free, *visited;
  int64_t free_count;
  /// Coordinates of the second cloud, an axis after the other.
  float *axes;

  explicit Workspace(int64_t points)
      : n(points), stride((points + lanes - 1) / lanes * lanes), blocks(stride / lanes), memory((n + 13) * stride + lanes) {
    void *address = memory.data();
    size_t room = memory.size() * sizeof(int32_t);
    auto *next = static_cast<int32_t *>(std::align(sizeof(Ints), (n + 13) * stride * sizeof(int32_t), address, room));
    costs = next;
    next += n * stride;
    for (auto **array : {&v, &open, &distance, &before, &owner, &scratch, &column, &bound, &free, &visited}) {
      *array = next;
      next += stride;
    }
    axes = reinterpret_cast<float *>(next);
  }

 private:
  std::vector<int32_t> memory;
};

struct Least {
  int32_t value, place;
};

DUEL_INLINED Ints *vectors(int32_t *numbers) { return reinterpret_cast<Ints *>(numbers); }

/// The least of some candidates, one a lane, and the first place where it stands.
DUEL_INLINED Least least(const Ints &values, const Ints &places) {
  Least result = {values[0], places[0]};
  const int32_t value = __builtin_reduce_min(values);
  const Ints hits = values == value ? places : Ints{} + unreachable;
  result = {value, __builtin_reduce_min(hits)};
  return result;
}

/// The least of `costs - v` over a row.
DUEL_INLINED Least least_reduced(const Ints *row, const Ints *v, int64_t blocks) {
  Ints index;
  for (int lane = 0; lane < lanes; lane++) index[lane] = lane;
  Ints best = Ints{} + std::numeric_limits<int32_t>::max(), places = {};
  for (int64_t block = 0; block < blocks; block++) {
    const Ints reduced = row[block] - v[block];
    places = reduced < best ? index : places;
    best = __builtin_elementwise_min(reduced, best);
    index += lanes;
  }
  return least(best, places);
}

/// Distances of all points of `a` to all of `b` in units of `1 / scale`.
DUEL_INLINED void fill_costs(const float *a, const float *b, float scale, Workspace &w) {
  const int64_t n = w.n, stride = w.stride;
  float *axes = w.axes;
  for (int64_t j = 0; j < n; j++)
    for (int axis = 0; axis < 3; axis++) axes[axis * stride + j] = b[3 * j + axis];
  for (int64_t j = n; j < stride; j++)
    for (int axis = 0; axis < 3; axis++) axes[axis * stride + j] = b[axis];
  const auto *x = reinterpret_cast<const Floats *>(axes), *y = x + w.blocks, *z = y + w.blocks;
  for (int64_t i = 0; i < n; i++) {
    auto *row = vectors(w.costs + i * stride);
    const float px = a[3 * i], py = a[3 * i + 1], pz = a[3 * i + 2];
    for (int64_t block = 0; block < w.blocks; block++) {
      const Floats dx = x[block] - px, dy = y[block] - py, dz = z[block] - pz;
      const Floats squares = dx * dx + dy * dy + dz * dz;
      row[block] = __builtin_convertvector(__builtin_elementwise_sqrt(squares) * scale + .5f, Ints);
    }
  }
}

/// Column reduction: each column's dual is its least distance, and goes to the row where that stands if that is free.
DUEL_INLINED void reduce_columns(Workspace &w) {
  const int64_t n = w.n, blocks = w.blocks;
  auto *v = vectors(w.v), *place = vectors(w.scratch);
  for (int64_t block = 0; block < blocks; block++) {
    v[block] = vectors(w.costs)[block];
    place[block] = Ints{};
  }
  for (int64_t i = 1; i < n; i++) {
    const auto *row = vectors(w.costs + i * w.stride);
    for (int64_t block = 0; block < blocks; block++) {
      place[block] = row[block] < v[block] ? Ints{} + static_cast<int32_t>(i) : place[block];
      v[block] = __builtin_elementwise_min(row[block], v[block]);
    }
  }
  for (int64_t j = n; j < w.stride; j++) w.v[j] = closed;
  int32_t *count = w.bound;
  for (int64_t i = 0; i < n; i++) {
    w.column[i] = -1;
    count[i] = 0;
  }
  for (int64_t j = n - 1; j >= 0; j--) {
    const int32_t i = w.scratch[j];
    w.owner[j] = -1;
    if (count[i]++ == 0) {
      w.owner[j] = i;
      w.column[i] = static_cast<int32_t>(j);
    }
  }
  // Reduction transfer: what a row would lose by any other column is taken from its own column's dual.
  w.free_count = 0;
  for (int64_t i = 0; i < n; i++) {
    const int32_t j = w.column[i];
    if (j < 0) {
      w.free[w.free_count++] = static_cast<int32_t>(i);
    } else if (count[i] == 1 && n > 1) {
      const int32_t own = w.v[j];
      w.v[j] = closed;
      const int32_t second = least_reduced(vectors(w.costs + i * w.stride), v, blocks).value;
      w.v[j] = own - (second - (w.costs[i * w.stride + j] - own));
    }
  }
}

/// Augmenting row reduction: a free row takes its best column, whose dual falls to where the second best is as good, and
/// the row that it takes it from is free in turn.
DUEL_INLINED void reduce_rows(Workspace &w) {
  const int64_t blocks = w.blocks;
  auto *v = vectors(w.v);
  const int64_t count = w.free_count;
  int64_t next = 0, kept = 0;
  // Ties could hand a column to and fro: a bound on the rounds keeps the work finite.
  int64_t rounds = 0;
  const int64_t most = 8 * w.n;
  while (next < count) {
    const int32_t i = w.free[next++];
    const auto *row = vectors(w.costs + i * w.stride);
    Least first = least_reduced(row, v, blocks);
    const int32_t dual = w.v[first.place];
    w.v[first.place] = closed;
    const Least second = least_reduced(row, v, blocks);
    w.v[first.place] = dual;
    int32_t taken = w.owner[first.place];
    const bool lowers = first.value < second.value;
    if (lowers) {
      w.v[first.place] = dual - (second.value - first.value);
    } else if (taken >= 0 && second.value < unreachable) {
      first = second;
      taken = w.owner[first.place];
    }
    w.owner[first.place] = i;
    w.column[i] = first.place;
    if (taken >= 0) {
      w.column[taken] = -1;
      if (lowers && rounds++ < most)
        w.free[--next] = taken;
      else
        w.free[kept++] = taken;
    }
  }
  w.free_count = kept;
}

/// The sum of duals, which no matching undercuts; leaves the least reduced distance of each free row in `bound`.
DUEL_INLINED int64_t dual_sum(Workspace &w) {
  int64_t sum = 0;
  for (int64_t j = 0; j < w.n; j++) {
    sum += w.v[j];
    if (w.owner[j] >= 0) sum += w.costs[w.owner[j] * w.stride + j] - w.v[j];
  }
  for (int64_t k = 0; k < w.free_count; k++) {
    const int32_t i = w.free[k];
    w.bound[i] = least_reduced(vectors(w.costs + i * w.stride), vectors(w.v), w.blocks).value;
    sum += w.bound[i];
  }
  return sum;
}

/// Matches a free row along the shortest augmenting path. `sum` is the sum of duals, and `limit` where to give up.
DUEL_INLINED bool augment(Workspace &w, int32_t root, int64_t &sum, int64_t limit) {
  const int64_t blocks = w.blocks;
  auto *open = vectors(w.open), *distance = vectors(w.distance), *before = vectors(w.before);
  const auto *start = vectors(w.costs + root * w.stride);
  for (int64_t block = 0; block < blocks; block++) {
    open[block] = vectors(w.v)[block];
    distance[block] = start[block] - open[block];
    before[block] = Ints{} + root;
  }
  int64_t visited = 0;
  Least nearest = least_reduced(start, open, blocks);
  Ints first;
  for (int lane = 0; lane < lanes; lane++) first[lane] = lane;
  while (w.owner[nearest.place] >= 0) {
    if (sum + nearest.value - w.bound[root] > limit) {
      sum += nearest.value - w.bound[root];
      return false;
    }
    const int32_t j = nearest.place, i = w.owner[j];
    const auto *row = vectors(w.costs + i * w.stride);
    const int32_t offset = w.costs[i * w.stride + j] - w.v[j] - nearest.value;
    // The column's distance is kept where it will be needed again.
    w.scratch[j] = nearest.value;
    w.visited[visited++] = j;
    w.distance[j] = unreachable;
    w.open[j] = closed;
    Ints best = Ints{} + std::numeric_limits<int32_t>::max(), places = {}, index = first;
    for (int64_t block = 0; block < blocks; block++) {
      const Ints candidate = row[block] - open[block] - offset;
      const Ints known = distance[block];
      before[block] = candidate < known ? Ints{} + i : before[block];
      const Ints shorter = __builtin_elementwise_min(candidate, known);
      distance[block] = shorter;
      places = shorter < best ? index : places;
      best = __builtin_elementwise_min(shorter, best);
      index += lanes;
    }
    nearest = least(best, places);
  }
  for (int64_t k = 0; k < visited; k++) w.v[w.visited[k]] += w.scratch[w.visited[k]] - nearest.value;
  sum += nearest.value - w.bound[root];
  for (int32_t j = nearest.place, i = -1; i != root;) {
    i = w.before[j];
    w.owner[j] = i;
    const int32_t next = w.column[i];
    w.column[i] = j;
    j = next;
  }
  return sum <= limit;
}

/// Solves one pair; false, with a bound on its sum in `sum`, once that is known to pass `limit`.
DUEL_VECTORISED bool solve(const float *a, const float *b, float scale, int64_t limit, Workspace *workspace,
                           int64_t *sum) {
  Workspace &w = *workspace;
  fill_costs(a, b, scale, w);
  reduce_columns(w);
  for (int pass = 0; pass < 2; pass++) reduce_rows(w);
  *sum = dual_sum(w);
  if (*sum > limit) return false;
  while (w.free_count > 0)
    if (!augment(w, w.free[--w.free_count], *sum, limit)) return false;
  return true;
}

/// Solves pairs of clouds of one size.
class Solver {
 public:
  explicit Solver(int64_t points) : workspace(points) {}

  /// The mean distance of matched points, or, where that passes `limit`, a lower bound that passes it too; `solved` tells.
  double operator()(const float *a, const float *b, double limit, bool &solved) {
    const int64_t n = workspace.n;
    double extent = 0;
    for (int axis = 0; axis < 3; axis++) {
      float low = a[axis], high = a[axis];
      for (const float *cloud : {a, b})
        for (int64_t i = 0; i < n; i++) {
          low = std::min(low, cloud[3 * i + axis]);
          high = std::max(high, cloud[3 * i + axis]);
        }
      extent += (double(high) - low) * (double(high) - low);
    }
    const double scale = extent > 0 ? (unit - 16) / std::sqrt(extent) : 1;
    // Each distance was rounded by less than a few units in the last place.
    const double slack = double(n) * 8;
    const double most = limit * scale * double(n) + slack;
    const int64_t whole = most < 4e18 ? static_cast<int64_t>(std::ceil(most)) : std::numeric_limits<int64_t>::max();
    int64_t sum = 0;
    solved = solve(a, b, static_cast<float>(scale), whole, &workspace, &sum);
    if (!solved) return (double(sum) - slack) / scale / double(n);
    double total = 0;
    for (int64_t i = 0; i < n; i++) {
      const float *p = a + 3 * i, *q = b + 3 * workspace.column[i];
      double squares = 0;
      for (int axis = 0; axis < 3; axis++) squares += (double(p[axis]) - q[axis]) * (double(p[axis]) - q[axis]);
      total += std::sqrt(squares);
    }
    return total / double(n);
  }

  /// The matches of the pair solved last: for each point of the first cloud one of the second.
  const int32_t *matches() const { return workspace.column; }

 private:
  Workspace workspace;
};

Tensor checked(const Tensor &clouds, const char *name) {
  TORCH_CHECK(clouds.dim() == 3 && clouds.size(2) == 3 && clouds.size(1) > 0, name, " of shape ", clouds.sizes(),
              ", expected [clouds, points, 3]");
  TORCH_CHECK(clouds.size(1) < 1 << 15, clouds.size(1), " points a cloud, expected fewer than 32768");
  const auto dense = clouds.to(at::kCPU, at::kFloat).contiguous();
  TORCH_CHECK(at::isfinite(dense).all().item<bool>(), name, " with coordinates that are not finite");
  return dense;
}

std::tuple<Tensor, Tensor> exact_assignment(const Tensor &first, const Tensor &second) {
  const auto a = checked(first, "clouds"), b = checked(second, "clouds");
  TORCH_CHECK(a.sizes() == b.sizes(), "clouds of shapes ", a.sizes(), " and ", b.sizes(), ", expected equal ones");
  const int64_t pairs = a.size(0), n = a.size(1);
  auto cost = at::empty({pairs}, at::kDouble);
  auto index = at::empty({pairs, n}, at::kLong);
  at::parallel_for(0, pairs, 1, [&](int64_t begin, int64_t end) {
    Solver solver(n);
    for (int64_t pair = begin; pair < end; pair++) {
      bool solved = false;
      cost.data_ptr<double>()[pair] = solver(a.data_ptr<float>() + pair * n * 3, b.data_ptr<float>() + pair * n * 3,
                                             std::numeric_limits<double>::infinity(), solved);
      std::copy_n(solver.matches(), n, index.data_ptr<int64_t>() + pair * n);
    }
  });
  return {cost, index};
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(duel, library) { library.def("exact_assignment(Tensor a, Tensor b) -> (Tensor cost, Tensor index)"); }
TORCH_LIBRARY_IMPL(duel, CompositeExplicitAutograd, library) { library.impl("exact_assignment", &exact_assignment); }
