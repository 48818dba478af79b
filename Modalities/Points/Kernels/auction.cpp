// points::auction_matcher, a matching of two clouds that costs little more than the cheapest, with a bound below all
// matchings that says how little.
//
// An auction with epsilon scaling (Bertsekas, "The auction algorithm", Annals of Operations Research 14, 1988): points of the
// first cloud bid for points of the second, whose prices rise, for ever smaller steps until the matching is good enough.
// Distances are computed where they are needed. The second cloud is kept in blocks of near points, each in a box with its
// lowest price, so that a bidder looks into the few blocks that can hold its best two offers.
//
// Whatever the prices are, no matching costs less than the sum over bidders of their least distance and price together, less
// the sum of prices. No price is negative: rounding in single precision changes such a sum of two by a share of it, and no
// more than that share is taken off.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <vector>

#include "assignment.h"
#include "blocks.h"
#include "vectors.h"

namespace {

using points::Floats;
using points::Ints;
using points::lanes;

typedef bool Bits __attribute__((ext_vector_type(lanes)));

/// What a matching may cost beyond the lower bound, as a share of that.
constexpr double enough = 0.01;
/// The first step, the last that single precision can bear, as shares of the clouds' extent, and what divides it in between.
constexpr float first_step = 1.f / 32, last_step = 1.f / (1 << 22), finer = 4;
/// Bids for each point, at most, before what is left is matched as it comes: shapes take twenty.
constexpr int64_t patience = 200;
/// More than a few roundings in single precision change a positive number, as a share of it.
constexpr double rounding = 1.0 / (1 << 20);

/// The points for sale and who bids for them. Plain arrays: the compiler loses templates that only cloned functions use.
struct Market {
  int64_t n, blocks, groups;
  /// Over columns, that is, points of the second cloud in the order of their blocks: coordinates, and prices, infinite for
  /// those that fill up the last block.
  Floats *x, *y, *z, *price;
  /// Over blocks: corners of their boxes, and lowest prices.
  Floats *low[3], *high[3], *cheapest;
  /// Rows: coordinates of the first cloud, side by side; their columns or -1; those without; blocks of their
  /// last offers.
  float *bidders;
  int32_t *column, *free, *last;
  int64_t free_count;
  /// The row that holds each column, or -1.
  int32_t *owner;
};

struct Offers {
  float best, second;
  int32_t place;
};

DUEL_INLINED uint32_t lanes_where(const Ints &condition) {
  return __builtin_bit_cast(uint16_t, __builtin_convertvector(condition, Bits));
}

DUEL_INLINED float *numbers(Floats *vectors) { return reinterpret_cast<float *>(vectors); }

/// Improves the best two offers by those of a block.
DUEL_INLINED void look_into(const Market &m, int64_t block, const float *bidder, Offers &found) {
  const Floats dx = m.x[block] - bidder[0], dy = m.y[block] - bidder[1], dz = m.z[block] - bidder[2];
  const Floats offers = __builtin_elementwise_sqrt(dx * dx + dy * dy + dz * dz) + m.price[block];
  if (!lanes_where(offers < found.second)) return;
  const float least = points::least_of(offers);
  const int lane = __builtin_ctz(lanes_where(offers == least));
  const Ints index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const Floats others = index == lane ? Floats{} + __builtin_inff() : offers;
  const float next = points::least_of(others);
  const bool isBest = least < found.best;
  const float second = isBest ? (found.best < next ? found.best : next) : least;
  found.second = second < found.second ? second : found.second;
  found.place = isBest ? static_cast<int32_t>(block * lanes + lane) : found.place;
  found.best = isBest ? least : found.best;
}

/// Adds the squares of how far a coordinate is outside of intervals.
DUEL_INLINED void add_outside(const Floats &low, const Floats &high, float coordinate, Floats &squares) {
  Floats apart = low - coordinate;
  points::take_greater(apart, coordinate - high);
  points::take_greater(apart, Floats{});
  squares += apart * apart;
}

/// The two least of distance and price together, for a row.
DUEL_INLINED Offers best_offers(const Market &m, int64_t row) {
  const float *bidder = m.bidders + 3 * row;
  Offers found = {__builtin_inff(), __builtin_inff(), 0};
  // Where the best was the last time: after that few blocks can be better.
  const int64_t first = m.last[row];
  look_into(m, first, bidder, found);
  for (int64_t group = 0; group < m.groups; group++) {
    Floats squares = {};
    for (int axis = 0; axis < 3; axis++) add_outside(m.low[axis][group], m.high[axis][group], bidder[axis], squares);
    const Floats bound = __builtin_elementwise_sqrt(squares) + m.cheapest[group];
    for (uint32_t open = lanes_where(bound < found.second); open; open &= open - 1) {
      const int64_t block = group * lanes + __builtin_ctz(open);
      if (block != first) look_into(m, block, bidder, found);
    }
  }
  m.last[row] = found.place / lanes;
  return found;
}

/// Has every free row bid until all are matched; false once that took `bids` bids.
DUEL_VECTORISED bool sell(Market *market, float step, int64_t *bids) {
  Market &m = *market;
  while (m.free_count > 0) {
    if ((*bids)-- <= 0) return false;
    const int32_t row = m.free[--m.free_count];
    const Offers offers = best_offers(m, row);
    const int32_t place = offers.place;
    // A lone column has no second.
    const float margin = offers.second < __builtin_inff() ? offers.second - offers.best : 0;
    numbers(m.price)[place] += margin + step;
    numbers(m.cheapest)[place / lanes] = points::least_of(m.price[place / lanes]);
    const int32_t outbid = m.owner[place];
    m.owner[place] = row;
    m.column[row] = place;
    if (outbid < 0) continue;
    m.column[outbid] = -1;
    m.free[m.free_count++] = outbid;
  }
  return true;
}

/// The least of distance and price together, for each row.
DUEL_VECTORISED void least_offers(const Market *market, float *offers) {
  for (int64_t row = 0; row < market->n; row++) offers[row] = best_offers(*market, row).best;
}

class Auction final : public points::Matcher {
 public:
  explicit Auction(int64_t points) : order(points), offers(points), current(points), best(points), rows(3 * points) {
    m.n = points;
    m.blocks = points::vectors_for(points);
    m.groups = points::vectors_for(m.blocks);
    const int64_t vectors = 4 * m.blocks + 7 * m.groups;
    memory.resize((vectors + 1) * lanes);
    void *address = memory.data();
    size_t room = memory.size() * sizeof(float);
    auto *next = static_cast<Floats *>(std::align(sizeof(Floats), vectors * sizeof(Floats), address, room));
    for (auto **array : {&m.x, &m.y, &m.z, &m.price}) {
      *array = next;
      next += m.blocks;
    }
    for (auto **array : {&m.low[0], &m.low[1], &m.low[2], &m.high[0], &m.high[1], &m.high[2], &m.cheapest}) {
      *array = next;
      next += m.groups;
    }
    places.resize(3 * points + m.blocks * lanes);
    m.column = places.data();
    m.free = m.column + points;
    m.last = m.free + points;
    m.owner = m.last + points;
    m.bidders = rows.data();
  }

  points::Bounds match(const float *a, const float *b, double limit) override {
    const int64_t n = m.n;
    // Both orders of a pair count as one.
    const bool swapped = std::lexicographical_compare(b, b + 3 * n, a, a + 3 * n);
    if (swapped) std::swap(a, b);
    const float extent = open(a, b);
    points::Bounds bounds = {0, std::numeric_limits<double>::infinity()};
    int64_t bids = patience * n;
    for (float step = extent * first_step; bounds.upper > bounds.lower * (1 + enough); step /= finer) {
      const bool sold = sell(&m, step, &bids);
      bounds.lower = std::max(bounds.lower, lower_bound() * scale);
      if (bounds.lower > limit) return {bounds.lower, std::numeric_limits<double>::infinity()};
      if (!sold) match_the_rest();
      keep_cheaper(a, b, bounds.upper);
      if (!sold || step < extent * last_step) break;
      release(step / finer);
    }
    if (swapped) invert();
    return bounds;
  }

  const int32_t *matches() const override { return best.data(); }

 private:
  Market m;
  /// What distances in the market are multiplied by.
  double scale;
  /// The point of the second cloud in each place.
  std::vector<int32_t> order;
  std::vector<float> offers;
  std::vector<int32_t> current, best;
  std::vector<int32_t> places;
  std::vector<float> rows;
  std::vector<float> memory;

  /// Brings the clouds to market, everything free; returns their extent there.
  float open(const float *a, const float *b) {
    const points::Extent extent({a, m.n}, {b, m.n});
    scale = extent.unit;
    for (int64_t i = 0; i < 3 * m.n; i++) m.bidders[i] = static_cast<float>(a[i] / scale);
    std::iota(order.begin(), order.end(), 0);
    points::order_in_blocks(b, order.data(), order.data() + m.n);
    for (int64_t block = 0; block < m.groups * lanes; block++) fill_block(b, block);
    for (int64_t i = 0; i < m.n; i++) {
      m.column[i] = -1;
      m.last[i] = 0;
      m.free[i] = static_cast<int32_t>(i);
    }
    std::fill_n(m.owner, m.blocks * lanes, -1);
    m.free_count = m.n;
    // Where all points are one, any step will do.
    return extent.diagonal > 0 ? static_cast<float>(extent.diagonal / scale) : 1;
  }

  void fill_block(const float *b, int64_t block) {
    const int64_t begin = block * lanes, end = std::min(begin + lanes, m.n);
    numbers(m.cheapest)[block] = begin < end ? 0 : std::numeric_limits<float>::infinity();
    for (int axis = 0; axis < 3; axis++) {
      auto &low = numbers(m.low[axis])[block], &high = numbers(m.high[axis])[block];
      low = high = 0;
      for (int64_t k = begin; k < end; k++) {
        const float coordinate = static_cast<float>(b[3 * order[k] + axis] / scale);
        numbers(axis == 0 ? m.x : axis == 1 ? m.y : m.z)[k] = coordinate;
        low = k == begin ? coordinate : std::min(low, coordinate);
        high = k == begin ? coordinate : std::max(high, coordinate);
      }
    }
    for (int64_t k = begin; k < std::min(begin + lanes, m.blocks * lanes); k++)
      numbers(m.price)[k] = k < end ? 0 : std::numeric_limits<float>::infinity();
  }

  /// The mean distance that no matching undercuts; leaves each row's least offer.
  double lower_bound() {
    least_offers(&m, offers.data());
    double sum = 0, prices = 0;
    for (int64_t i = 0; i < m.n; i++) {
      sum += offers[i];
      prices += numbers(m.price)[i];
    }
    return (sum * (1 - rounding) - prices) / double(m.n);
  }

  float distance(int64_t row, int64_t place) const {
    const float dx = numbers(m.x)[place] - m.bidders[3 * row], dy = numbers(m.y)[place] - m.bidders[3 * row + 1],
                dz = numbers(m.z)[place] - m.bidders[3 * row + 2];
    return std::sqrt(dx * dx + dy * dy + dz * dz);
  }

  /// Frees the rows whose matches are not within `step` of their least offers.
  void release(float step) {
    for (int64_t row = m.n - 1; row >= 0; row--) {
      const int32_t place = m.column[row];
      if (distance(row, place) + numbers(m.price)[place] <= offers[row] + step) continue;
      m.owner[place] = m.column[row] = -1;
      m.free[m.free_count++] = static_cast<int32_t>(row);
    }
  }

  void match_the_rest() {
    int32_t place = 0;
    while (m.free_count > 0) {
      while (m.owner[place] >= 0) place++;
      m.owner[place] = m.free[--m.free_count];
      m.column[m.owner[place]] = place;
    }
  }

  /// Keeps the matching if it costs less than `upper`.
  void keep_cheaper(const float *a, const float *b, double &upper) {
    for (int64_t i = 0; i < m.n; i++) current[i] = order[m.column[i]];
    const double cost = points::mean_distance(a, b, current.data(), m.n);
    if (cost >= upper) return;
    upper = cost;
    best.swap(current);
  }

  /// Turns matches of the first cloud's points into those of the second's.
  void invert() {
    const auto matches = best;
    for (int64_t i = 0; i < m.n; i++) best[matches[i]] = static_cast<int32_t>(i);
  }
};

}  // namespace

namespace points {

std::unique_ptr<Matcher> auction_matcher(int64_t points) { return std::make_unique<Auction>(points); }

}  // namespace points
