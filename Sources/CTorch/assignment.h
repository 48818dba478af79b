// One-to-one matchings of two clouds of as many points, exact and approximate, behind one interface.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>

namespace ctorch {

/// What is known of a pair's cheapest matching, as mean distances of matched points.
struct Bounds {
  /// No matching costs less.
  double lower;
  /// What the matching that was found costs; infinite where none was, as `lower` passed the limit.
  double upper;
};

/// Matches pairs of clouds of one size, coordinates of a point side by side, all finite.
class Matcher {
 public:
  virtual ~Matcher() = default;

  /// Solves a pair, or gives up as soon as a lower bound passes `limit`. What is found does not depend on the limit.
  virtual Bounds match(const float *a, const float *b, double limit) = 0;

  /// The matches of the pair solved last: for each point of the first cloud one of the second.
  virtual const int32_t *matches() const = 0;
};

/// The square of the diagonal of the box around two clouds.
inline double squared_extent(const float *a, const float *b, int64_t points) {
  double extent = 0;
  for (int axis = 0; axis < 3; axis++) {
    float low = a[axis], high = a[axis];
    for (const float *cloud : {a, b})
      for (int64_t i = 0; i < points; i++) {
        low = std::min(low, cloud[3 * i + axis]);
        high = std::max(high, cloud[3 * i + axis]);
      }
    extent += (double(high) - low) * (double(high) - low);
  }
  return extent;
}

/// The mean distance of matched points.
inline double mean_distance(const float *a, const float *b, const int32_t *matches, int64_t points) {
  double total = 0;
  for (int64_t i = 0; i < points; i++) {
    const float *p = a + 3 * i, *q = b + 3 * matches[i];
    double squares = 0;
    for (int axis = 0; axis < 3; axis++) squares += (double(p[axis]) - q[axis]) * (double(p[axis]) - q[axis]);
    total += std::sqrt(squares);
  }
  return total / double(points);
}

/// Finds the cheapest matching. Needs room for all distances of a pair.
std::unique_ptr<Matcher> exact_matcher(int64_t points);

/// Finds a matching that costs a percent more at most, unless clouds are too odd for that; its bounds tell. Gives the same
/// whichever cloud comes first, and needs little room.
std::unique_ptr<Matcher> auction_matcher(int64_t points);

}  // namespace ctorch
