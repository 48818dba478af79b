// points::NearestByBlocks. The nearest box of each box shows how far a nearest point can be; pairs of boxes that are farther
// apart than that, for both of them, are left out.
#include "chamfer_blocks.h"

#include "vectors.h"

namespace {

using points::Blocks;
using points::Floats;
using points::Ints;
using points::lanes;
using points::number;

/// What distances of boxes are multiplied by, so that no point is left out that is nearer by no more than roundings.
constexpr float caution = 1 - 0x1p-20f;
/// Points that are looked at together: the other cloud is then read as much less often.
constexpr int together = 4;

/// Room for a pair.
struct Room {
  /// For each block of the first cloud the squared distances to all boxes of the second; for those of the second, in groups, the
  /// least of them, and where.
  Floats *apart, *least;
  Ints *place;
  /// How far the nearest point of a block can be at most, squared: for blocks of the first cloud, and in groups of the second.
  Floats *most_from, *most_to;
  /// Least squared distances of points, in blocks.
  Floats *from, *to;
  int32_t *chosen;
};

/// The largest squared distance of a block's points to the nearest of one other block.
DUEL_INLINED float most_between(const Blocks &a, int64_t block, const Blocks &b, int64_t other) {
  const Ints index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const int64_t count = a.points - block * lanes;
  Floats p[3];
  for (int axis = 0; axis < 3; axis++) {
    // Lanes without a point repeat the first.
    const Floats own = a.coordinates[axis][block];
    p[axis] = index < static_cast<int32_t>(count < lanes ? count : lanes) ? own : Floats{} + own[0];
  }
  Floats best = Floats{} + __builtin_inff();
  for (int64_t k = other * lanes; k < (other + 1) * lanes; k++) {
    const Floats dx = p[0] - number(b.coordinates[0], k), dy = p[1] - number(b.coordinates[1], k),
                 dz = p[2] - number(b.coordinates[2], k);
    points::take_lesser(best, dx * dx + dy * dy + dz * dz);
  }
  return points::greatest_of(best);
}

/// Distances of boxes, and what follows for how far nearest points can be.
DUEL_INLINED void limit(const Blocks &a, const Blocks &b, const Room &room) {
  const Ints index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (int64_t group = 0; group < b.groups; group++) {
    room.least[group] = Floats{} + __builtin_inff();
    room.place[group] = Ints{};
  }
  for (int64_t block = 0; block < a.blocks; block++) {
    Floats least = Floats{} + __builtin_inff();
    Ints place = index, places = index;
    for (int64_t group = 0; group < b.groups; group++) {
      Floats squares = {};
      points::add_box_distances(a, block, b, group, squares);
      squares *= caution;
      room.apart[block * b.groups + group] = squares;
      place = squares < least ? places : place;
      points::take_lesser(least, squares);
      places += lanes;
      room.place[group] = squares < room.least[group] ? Ints{} + static_cast<int32_t>(block) : room.place[group];
      points::take_lesser(room.least[group], squares);
    }
    const Ints hits = least == points::least_of(least) ? place : Ints{} + 0x7fffffff;
    reinterpret_cast<float *>(room.most_from)[block] = most_between(a, block, b, __builtin_reduce_min(hits));
  }
  const auto *places = reinterpret_cast<const int32_t *>(room.place);
  auto *most = reinterpret_cast<float *>(room.most_to);
  for (int64_t block = 0; block < b.groups * lanes; block++)
    most[block] = block < b.blocks ? most_between(b, block, a, places[block]) : -1;
}

/// Least squared distances of all points, in blocks.
DUEL_VECTORISED void nearest(const Blocks *first, const Blocks *second, const Room *given) {
  const Blocks &a = *first, &b = *second;
  const Room &room = *given;
  limit(a, b, room);
  for (int64_t block = 0; block < b.blocks; block++) room.to[block] = Floats{} + __builtin_inff();
  auto *from = reinterpret_cast<float *>(room.from);
  for (int64_t block = 0; block < a.blocks; block++) {
    const auto *apart = reinterpret_cast<const float *>(room.apart + block * b.groups);
    const auto *most_to = reinterpret_cast<const float *>(room.most_to);
    const float most = number(room.most_from, block);
    int64_t count = 0;
    for (int64_t other = 0; other < b.blocks; other++) {
      room.chosen[count] = static_cast<int32_t>(other);
      count += apart[other] <= most || apart[other] <= most_to[other];
    }
    const int64_t end = a.points < (block + 1) * lanes ? a.points : (block + 1) * lanes;
    for (int64_t i = block * lanes; i < end; i += together) {
      Floats best[together];
      float p[together][3];
      for (int k = 0; k < together; k++) {
        best[k] = Floats{} + __builtin_inff();
        const int64_t place = i + k < end ? i + k : end - 1;
        for (int axis = 0; axis < 3; axis++) p[k][axis] = number(a.coordinates[axis], place);
      }
      for (int64_t n = 0; n < count; n++) {
        const int64_t other = room.chosen[n];
        const Floats x = b.coordinates[0][other], y = b.coordinates[1][other], z = b.coordinates[2][other];
        Floats nearest = room.to[other];
        for (int k = 0; k < together; k++) {
          const Floats dx = x - p[k][0], dy = y - p[k][1], dz = z - p[k][2];
          const Floats squares = dx * dx + dy * dy + dz * dz;
          points::take_lesser(best[k], squares);
          points::take_lesser(nearest, squares);
        }
        room.to[other] = nearest;
      }
      for (int k = 0; k < together && i + k < end; k++) from[i + k] = points::least_of(best[k]);
    }
  }
}

}  // namespace

void points::NearestByBlocks::measure(const BlockedCloud &a, const BlockedCloud &b, float *from, float *to) {
  const int64_t own = points::vectors_for(a.blocks);
  vectors.resize(a.blocks * b.groups + 3 * b.groups + own + a.blocks + b.blocks);
  chosen.resize(b.blocks + 1);
  Floats *next = vectors.data();
  const auto take = [&](int64_t count) {
    Floats *start = next;
    next += count;
    return start;
  };
  Room room;
  room.apart = take(a.blocks * b.groups);
  room.least = take(b.groups);
  room.place = reinterpret_cast<Ints *>(take(b.groups));
  room.most_to = take(b.groups);
  room.most_from = take(own);
  room.from = take(a.blocks);
  room.to = take(b.blocks);
  room.chosen = chosen.data();
  const Blocks first(a), second(b);
  nearest(&first, &second, &room);
  for (int64_t k = 0; k < a.points; k++) from[a.places()[k]] = number(room.from, k);
  for (int64_t k = 0; k < b.points; k++) to[b.places()[k]] = number(room.to, k);
}
