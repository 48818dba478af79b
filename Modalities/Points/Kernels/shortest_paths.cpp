// points::exact_matcher, the cheapest one-to-one matching of two clouds.
//
// Shortest augmenting paths after Jonker and Volgenant ("A shortest augmenting path algorithm for dense and sparse linear
// assignment problems", Computing 38, 1987), begun from the duals of a coarse auction. Distances are kept as whole multiples
// of 2^-26 of the pair's extent: sums of duals are then exact, no comparison depends on rounding, and a vector register holds
// sixteen of them. The matching is the best for distances so rounded, in single precision that is; its own cost is then
// computed anew, in double precision. Where all matches together are shorter than the pair is wide, as where both clouds have
// the same far outlier, it is solved again with distances rounded in proportion to them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "assignment.h"
#include "vectors.h"

namespace {

using points::Floats;
using points::Ints;
using points::lanes;

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
      : n(points), stride(points::vectors_for(points) * lanes), blocks(stride / lanes), memory((n + 13) * stride + lanes) {
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

/// The same with the second least, which equals the least where that stands twice.
DUEL_INLINED Least two_least(const Ints *row, const Ints *v, int64_t blocks, int32_t &second) {
  Ints index;
  for (int lane = 0; lane < lanes; lane++) index[lane] = lane;
  Ints best = Ints{} + std::numeric_limits<int32_t>::max(), places = {}, next = best;
  for (int64_t block = 0; block < blocks; block++) {
    const Ints reduced = row[block] - v[block];
    places = reduced < best ? index : places;
    next = __builtin_elementwise_min(next, __builtin_elementwise_max(reduced, best));
    best = __builtin_elementwise_min(reduced, best);
    index += lanes;
  }
  const Least result = least(best, places);
  // The winner's lane has only its second to offer, the others their first.
  const Ints isWinner = places == result.place;
  next = isWinner ? next : __builtin_elementwise_min(next, best);
  second = __builtin_reduce_min(next);
  return result;
}

/// Distances of all points of `a` to all of `b`, both multiplied by `shrink`, in units of `1 / scale`.
DUEL_VECTORISED void fill_costs(const float *a, const float *b, double shrink, float scale, Workspace *workspace) {
  Workspace &w = *workspace;
  const int64_t n = w.n, stride = w.stride;
  float *axes = w.axes;
  for (int64_t j = 0; j < stride; j++)
    for (int axis = 0; axis < 3; axis++)
      axes[axis * stride + j] = static_cast<float>(b[3 * (j < n ? j : 0) + axis] * shrink);
  const auto *x = reinterpret_cast<const Floats *>(axes), *y = x + w.blocks, *z = y + w.blocks;
  for (int64_t i = 0; i < n; i++) {
    auto *row = vectors(w.costs + i * stride);
    const float px = static_cast<float>(a[3 * i] * shrink), py = static_cast<float>(a[3 * i + 1] * shrink),
                pz = static_cast<float>(a[3 * i + 2] * shrink);
    for (int64_t block = 0; block < w.blocks; block++) {
      const Floats dx = x[block] - px, dy = y[block] - py, dz = z[block] - pz;
      const Floats squares = dx * dx + dy * dy + dz * dz;
      row[block] = __builtin_convertvector(__builtin_elementwise_sqrt(squares) * scale + .5f, Ints);
    }
  }
}

/// The same in double precision, for distances up to `most`; farther ones count as that.
void fill_near_costs(const float *a, const float *b, double most, Workspace &w) {
  const double scale = (unit - 64) / most;
  for (int64_t i = 0; i < w.n; i++)
    for (int64_t j = 0; j < w.stride; j++) {
      const double distance = j < w.n ? std::sqrt(points::squared_distance(a + 3 * i, b + 3 * j)) : most;
      w.costs[i * w.stride + j] = static_cast<int32_t>(std::min(distance, most) * scale + .5);
    }
}

/// Leaves every row and column unmatched.
DUEL_INLINED void clear_matches(Workspace &w) {
  for (int64_t i = 0; i < w.n; i++) {
    w.owner[i] = w.column[i] = -1;
    w.free[i] = static_cast<int32_t>(w.n - 1 - i);
  }
  w.free_count = w.n;
}

/// Column reduction: each column's dual is its least distance.
DUEL_INLINED void reduce_columns(Workspace &w) {
  auto *v = vectors(w.v);
  for (int64_t block = 0; block < w.blocks; block++) v[block] = vectors(w.costs)[block];
  for (int64_t i = 1; i < w.n; i++) {
    const auto *row = vectors(w.costs + i * w.stride);
    for (int64_t block = 0; block < w.blocks; block++) v[block] = __builtin_elementwise_min(row[block], v[block]);
  }
  for (int64_t j = w.n; j < w.stride; j++) w.v[j] = closed;
}

/// One round of an auction (Bertsekas, "The auction algorithm", Annals of Operations Research 14, 1988): rows bid for their
/// best column by what the second best would cost them and a little more, until all are matched or the work was enough.
/// Duals come out near their final values for a fraction of what paths would cost.
DUEL_INLINED void auction(Workspace &w, int32_t step) {
  clear_matches(w);
  for (int64_t bids = 0; w.free_count > 0 && bids < 4 * w.n; bids++) {
    const int32_t i = w.free[--w.free_count];
    int32_t second;
    const Least best = two_least(vectors(w.costs + i * w.stride), vectors(w.v), w.blocks, second);
    w.v[best.place] -= second - best.value + step;
    const int32_t outbid = w.owner[best.place];
    w.owner[best.place] = i;
    if (outbid >= 0) w.free[w.free_count++] = outbid;
  }
  // Only differences of duals matter: a highest of 0 keeps them all within range.
  int32_t highest = w.v[0];
  for (int64_t j = 1; j < w.n; j++) highest = w.v[j] > highest ? w.v[j] : highest;
  for (int64_t j = 0; j < w.n; j++) w.v[j] -= highest;
}

/// Augmenting row reduction: a free row takes its best column, whose dual falls to where the second best is as good, and
/// the row that it takes it from is free in turn. What is matched is matched at no reduced distance.
DUEL_INLINED void reduce_rows(Workspace &w) {
  auto *v = vectors(w.v);
  const int64_t count = w.free_count;
  int64_t next = 0, kept = 0;
  // Rows could outbid each other for long in small steps: what is left after this is work for paths.
  int64_t rounds = 2 * w.n;
  while (next < count) {
    const int32_t i = w.free[next++];
    const auto *row = vectors(w.costs + i * w.stride);
    int32_t second;
    Least best = two_least(row, v, w.blocks, second);
    int32_t taken = w.owner[best.place];
    const bool lowers = best.value < second;
    if (lowers) {
      w.v[best.place] -= second - best.value;
    } else if (taken >= 0) {
      const int32_t dual = w.v[best.place];
      w.v[best.place] = closed;
      const Least other = least_reduced(row, v, w.blocks);
      w.v[best.place] = dual;
      if (other.value == best.value) best = other;
      taken = w.owner[best.place];
    }
    w.owner[best.place] = i;
    w.column[i] = best.place;
    if (taken < 0) continue;
    w.column[taken] = -1;
    if (lowers && rounds-- > 0)
      w.free[--next] = taken;
    else
      w.free[kept++] = taken;
  }
  w.free_count = kept;
}

/// The sum of duals, which no matching undercuts; leaves each row's in `bound`.
DUEL_INLINED int64_t dual_sum(Workspace &w) {
  int64_t sum = 0;
  for (int64_t i = 0; i < w.n; i++) {
    w.bound[i] = least_reduced(vectors(w.costs + i * w.stride), vectors(w.v), w.blocks).value;
    sum += int64_t(w.v[i]) + w.bound[i];
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

/// Where there is no limit.
constexpr int64_t unlimited = std::numeric_limits<int64_t>::max();

/// Solves the pair whose distances are in the workspace; false, with a bound on its sum in `sum`, once that is known to pass
/// `limit`.
DUEL_VECTORISED bool solve(int64_t limit, Workspace *workspace, int64_t *sum) {
  Workspace &w = *workspace;
  const bool bounded = limit < unlimited;
  reduce_columns(w);
  if (w.n > 1)
    for (int32_t step = unit / 8; step >= unit / 512; step /= 4) {
      auction(w, step);
      // A pair that only has to be shown not to be the nearest mostly ends here.
      if (bounded && (*sum = dual_sum(w)) > limit) return false;
    }
  clear_matches(w);
  for (int pass = 0; pass < 2; pass++) reduce_rows(w);
  *sum = dual_sum(w);
  if (*sum > limit) return false;
  while (w.free_count > 0)
    if (!augment(w, w.free[--w.free_count], *sum, limit)) return false;
  return true;
}

class ShortestPaths final : public points::Matcher {
 public:
  explicit ShortestPaths(int64_t points) : workspace(points) {}

  points::Bounds match(const float *a, const float *b, double limit) override {
    const int64_t n = workspace.n;
    const points::Extent extent({a, n}, {b, n});
    const double scale = extent.diagonal > 0 ? (unit - 64) / extent.diagonal : 1;
    // Each distance is off by no more than a few roundings of single precision.
    const double slack = double(n) * 16;
    const double most = limit * scale * double(n) + slack;
    const int64_t whole = most < 4e18 ? static_cast<int64_t>(std::ceil(most)) : unlimited;
    int64_t sum = 0;
    fill_costs(a, b, 1 / extent.unit, static_cast<float>(scale * extent.unit), &workspace);
    if (!solve(whole, &workspace, &sum))
      return {(double(sum) - slack) / scale / double(n), std::numeric_limits<double>::infinity()};
    const double cost = refine(a, b, extent.diagonal);
    return {cost, cost};
  }

  const int32_t *matches() const override { return best.data(); }

 private:
  Workspace workspace;
  std::vector<int32_t> best;

  /// Takes the matching that was found among distances up to `range`, improves it where these were rounded too coarsely, and
  /// returns its cost.
  double refine(const float *a, const float *b, double range) {
    const int64_t n = workspace.n;
    best.assign(workspace.column, workspace.column + n);
    double cost = points::mean_distance(a, b, best.data(), n);
    // A cheaper matching has no two points farther apart than all matches of this one together.
    for (double total = cost * double(n); total > 0 && total < range / 2; total = cost * double(n)) {
      range = total;
      int64_t sum = 0;
      fill_near_costs(a, b, range, workspace);
      solve(unlimited, &workspace, &sum);
      const double finer = points::mean_distance(a, b, workspace.column, n);
      if (finer >= cost) break;
      cost = finer;
      best.assign(workspace.column, workspace.column + n);
    }
    return cost;
  }
};

}  // namespace

namespace points {

std::unique_ptr<Matcher> exact_matcher(int64_t points) { return std::make_unique<ShortestPaths>(points); }

}  // namespace points
