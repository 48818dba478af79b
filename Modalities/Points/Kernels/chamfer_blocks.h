// Distances of points to the nearest of another cloud, for which most pairs of points need not be looked at.
#pragma once
#include <cstdint>
#include <vector>

#include "chamfer_bounds.h"

namespace points {

/// Finds squared distances to nearest points for pairs of blocked clouds, one after the other.
class NearestByBlocks {
 public:
  /// Leaves the squared distance of each point of either cloud, in the clouds' own order, to the nearest of the other: to the
  /// bit what all pairs of points tell. Coordinates must be small enough for their squares.
  void measure(const BlockedCloud &a, const BlockedCloud &b, float *from, float *to);

 private:
  std::vector<Floats> vectors;
  std::vector<int32_t> chosen;
};

}  // namespace points
