// points::ChamferBounds. Most clouds of a set are several times as far from a cloud as the nearest is: a few blocks of points
// show that, and the other blocks' distances need not be known.
#include "chamfer_bounds.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "blocks.h"

namespace {

using points::add_box_distances;
using points::BlockedCloud;
using points::Blocks;
using points::Floats;
using points::Ints;
using points::lanes;
using points::number;

/// More than roundings in single precision change a sum of squares of differences, as a share of it.
constexpr double rounding = 1e-5;

/// For each box of both clouds the squared distance to the nearest of the other.
DUEL_VECTORISED void nearest_boxes(const Blocks *a, const Blocks *b, float *from, Floats *to) {
  for (int64_t group = 0; group < b->groups; group++) to[group] = Floats{} + __builtin_inff();
  for (int64_t block = 0; block < a->blocks; block++) {
    Floats least = Floats{} + __builtin_inff();
    for (int64_t group = 0; group < b->groups; group++) {
      Floats squares = {};
      add_box_distances(*a, block, *b, group, squares);
      points::take_lesser(least, squares);
      points::take_lesser(to[group], squares);
    }
    from[block] = points::least_of(least);
  }
}

/// Squared distances of a block's points to the nearest of another cloud; blocks of that are looked at from the nearest box
/// on. `apart` has room for a number for each box.
DUEL_VECTORISED void nearest_squares_of_block(const Blocks *a, int64_t block, const Blocks *b, Floats *apart, Floats *result) {
  const Ints index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const int64_t count = a->points - block * lanes;
  // Lanes without a point repeat the first.
  Floats p[3];
  for (int axis = 0; axis < 3; axis++) {
    const Floats own = a->coordinates[axis][block];
    p[axis] = index < static_cast<int32_t>(count < lanes ? count : lanes) ? own : Floats{} + own[0];
  }
  for (int64_t group = 0; group < b->groups; group++) {
    apart[group] = Floats{};
    add_box_distances(*a, block, *b, group, apart[group]);
  }
  Floats best = Floats{} + __builtin_inff();
  while (true) {
    // The nearest box that was not looked at.
    Floats least = apart[0];
    Ints place = index, places = index;
    for (int64_t group = 1; group < b->groups; group++) {
      places += lanes;
      place = apart[group] < least ? places : place;
      points::take_lesser(least, apart[group]);
    }
    const float nearest = points::least_of(least);
    if (!(nearest < points::greatest_of(best))) break;
    const Ints hits = least == nearest ? place : Ints{} + 0x7fffffff;
    const int64_t other = __builtin_reduce_min(hits);
    // Not by number: a vector that is read behind a narrower write waits for it.
    apart[other / lanes] = index == static_cast<int32_t>(other % lanes) ? Floats{} + __builtin_inff() : apart[other / lanes];
    for (int64_t k = other * lanes; k < (other + 1) * lanes; k++) {
      const Floats dx = p[0] - number(b->coordinates[0], k), dy = p[1] - number(b->coordinates[1], k),
                   dz = p[2] - number(b->coordinates[2], k);
      points::take_lesser(best, dx * dx + dy * dy + dz * dz);
    }
  }
  *result = best;
}

}  // namespace

namespace points {

BlockedCloud::BlockedCloud(const float *cloud, int64_t count)
    : points(count), blocks(vectors_for(count)), groups(vectors_for(blocks)) {
  const float infinity = std::numeric_limits<float>::infinity();
  vectors.assign(3 * blocks + 6 * groups, Floats{} + infinity);
  order.resize(points);
  std::iota(order.begin(), order.end(), 0);
  order_in_blocks(cloud, order.data(), order.data() + points);
  auto *numbers = reinterpret_cast<float *>(vectors.data());
  for (int axis = 0; axis < 3; axis++) {
    float *own = numbers + axis * blocks * lanes;
    float *lows = numbers + (3 * blocks + axis * groups) * lanes, *highs = lows + 3 * groups * lanes;
    for (int64_t k = 0; k < points; k++) own[k] = cloud[3 * order[k] + axis];
    for (int64_t block = 0; block < blocks; block++) {
      const auto [low, high] = std::minmax_element(own + block * lanes, own + block * lanes + points_of(block));
      lows[block] = *low;
      highs[block] = *high;
    }
  }
}

double ChamferBounds::parts_by_boxes(const BlockedCloud &a, const BlockedCloud &b) {
  from.resize(a.blocks);
  to.resize(b.groups);
  parts.resize(a.blocks + b.blocks);
  const Blocks first(a), second(b);
  nearest_boxes(&first, &second, from.data(), to.data());
  double sum = 0;
  for (int64_t block = 0; block < a.blocks; block++)
    sum += parts[block] = double(from[block]) * double(a.points_of(block)) / double(a.points);
  for (int64_t block = 0; block < b.blocks; block++)
    sum += parts[a.blocks + block] = double(number(to.data(), block)) * double(b.points_of(block)) / double(b.points);
  return sum;
}

double ChamferBounds::by_boxes(const BlockedCloud &a, const BlockedCloud &b) {
  return parts_by_boxes(a, b) * (1 - rounding);
}

double ChamferBounds::sum_of_block(const BlockedCloud &a, int64_t block, const BlockedCloud &b) {
  apart.resize(b.groups);
  const Blocks first(a), second(b);
  Floats squares;
  nearest_squares_of_block(&first, block, &second, apart.data(), &squares);
  double sum = 0;
  for (int64_t lane = 0; lane < a.points_of(block); lane++) sum += squares[lane];
  return sum;
}

bool ChamferBounds::may_be_within(double limit, const BlockedCloud &a, const BlockedCloud &b) {
  double sum = parts_by_boxes(a, b);
  while (sum * (1 - rounding) <= limit) {
    const auto largest = std::max_element(parts.begin(), parts.end());
    if (*largest < 0) return true;
    const int64_t place = largest - parts.begin();
    const bool is_first = place < a.blocks;
    sum += (is_first ? sum_of_block(a, place, b) / double(a.points)
                     : sum_of_block(b, place - a.blocks, a) / double(b.points)) -
           *largest;
    *largest = -1;
  }
  return false;
}

}  // namespace points
