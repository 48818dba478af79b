// How large clouds are and how far their points are apart, for coordinates of any size: single precision does not hold the
// squares of what is beyond 1e19 or within 1e-19.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>

namespace points {

/// The box around a cloud, coordinates of a point side by side.
struct Box {
  float low[3], high[3];

  Box(const float *cloud, int64_t points) {
    for (int axis = 0; axis < 3; axis++) {
      low[axis] = high[axis] = cloud[axis];
      for (int64_t i = 1; i < points; i++) {
        low[axis] = std::min(low[axis], cloud[3 * i + axis]);
        high[axis] = std::max(high[axis], cloud[3 * i + axis]);
      }
    }
  }
};

/// How large a pair of clouds is.
struct Extent {
  /// The diagonal of the box around both.
  double diagonal;
  /// The power of two at or below the diagonal, 1 where that is 0. Measured by it, squares neither overflow nor vanish in
  /// single precision unless they do beside the diagonal's, and no coordinate is rounded that is not as small.
  double unit;

  Extent(const Box &a, const Box &b) {
    double squares = 0;
    for (int axis = 0; axis < 3; axis++) {
      const double side = double(std::max(a.high[axis], b.high[axis])) - std::min(a.low[axis], b.low[axis]);
      squares += side * side;
    }
    diagonal = std::sqrt(squares);
    unit = diagonal > 0 ? std::ldexp(1.0, std::ilogb(diagonal)) : 1;
  }
};

/// The square of the distance of two points.
inline double squared_distance(const float *p, const float *q) {
  double squares = 0;
  for (int axis = 0; axis < 3; axis++) squares += (double(p[axis]) - q[axis]) * (double(p[axis]) - q[axis]);
  return squares;
}

/// The mean distance of matched points.
inline double mean_distance(const float *a, const float *b, const int32_t *matches, int64_t points) {
  double total = 0;
  for (int64_t i = 0; i < points; i++) total += std::sqrt(squared_distance(a + 3 * i, b + 3 * matches[i]));
  return total / double(points);
}

}  // namespace points
