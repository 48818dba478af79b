// What a Chamfer distance is at least, found with less work than the distance.
#pragma once
#include <cstdint>
#include <vector>

#include "vectors.h"

namespace points {

/// A cloud in blocks of near points, each block in a box.
class BlockedCloud {
 public:
  /// Takes finite coordinates of at least one point, side by side.
  BlockedCloud(const float *cloud, int64_t points);

  int64_t points, blocks, groups;

  /// The coordinates of a block's points along an axis; infinite where the last block has no more points.
  const Floats *coordinates(int axis) const { return vectors.data() + axis * blocks; }
  /// The lowest coordinates of blocks along an axis; infinite beyond the last block, and so are the highest.
  const Floats *low(int axis) const { return vectors.data() + 3 * blocks + axis * groups; }
  /// The highest coordinates.
  const Floats *high(int axis) const { return vectors.data() + 3 * blocks + (3 + axis) * groups; }
  /// How many points a block has.
  int64_t points_of(int64_t block) const { return block + 1 < blocks ? lanes : points - block * lanes; }
  /// The places in the cloud of the blocks' points, one after the other.
  const int32_t *places() const { return order.data(); }

 private:
  std::vector<int32_t> order;
  std::vector<Floats> vectors;
};

/// A blocked cloud without its methods, which cloned functions may not call.
struct Blocks {
  int64_t points, blocks, groups;
  const Floats *coordinates[3], *low[3], *high[3];

  explicit Blocks(const BlockedCloud &cloud) : points(cloud.points), blocks(cloud.blocks), groups(cloud.groups) {
    for (int axis = 0; axis < 3; axis++) {
      coordinates[axis] = cloud.coordinates(axis);
      low[axis] = cloud.low(axis);
      high[axis] = cloud.high(axis);
    }
  }
};

DUEL_INLINED float number(const Floats *vectors, int64_t place) { return reinterpret_cast<const float *>(vectors)[place]; }

/// Squared distances of a block's box to those of a group.
DUEL_INLINED void add_box_distances(const Blocks &a, int64_t block, const Blocks &b, int64_t group, Floats &squares) {
  for (int axis = 0; axis < 3; axis++) {
    Floats apart = b.low[axis][group] - number(a.high[axis], block);
    take_greater(apart, number(a.low[axis], block) - b.high[axis][group]);
    take_greater(apart, Floats{});
    squares += apart * apart;
  }
}

/// Bounds the Chamfer distance, that is, the mean squared distances to nearest points both ways added, of pairs of clouds,
/// one after the other. Coordinates must be small enough for their squares.
class ChamferBounds {
 public:
  /// A bound by the distances between boxes.
  double by_boxes(const BlockedCloud &a, const BlockedCloud &b);

  /// Whether the distance may be as small as `limit`. Beginning with the boxes, the points of the block with the largest
  /// bound are looked at in earnest, and so on, until the sum of bounds and distances passes the limit, or nothing is left.
  bool may_be_within(double limit, const BlockedCloud &a, const BlockedCloud &b);

 private:
  /// Each block's part of the bound, of the first cloud's and then of the second's; negative once looked at.
  std::vector<double> parts;
  /// Least squared distances of boxes of the first cloud and of the second, and of one box to all.
  std::vector<float> from;
  std::vector<Floats> to, apart;

  double parts_by_boxes(const BlockedCloud &a, const BlockedCloud &b);
  double sum_of_block(const BlockedCloud &a, int64_t block, const BlockedCloud &b);
};

}  // namespace points
