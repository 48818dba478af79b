// One-to-one matchings of two clouds of as many points, exact and approximate, behind one interface.
#pragma once
#include <cstdint>
#include <memory>

#include "clouds.h"

namespace points {

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

/// Finds the cheapest matching. Needs room for all distances of a pair.
std::unique_ptr<Matcher> exact_matcher(int64_t points);

/// Finds a matching that costs a percent more at most, where the clouds permit it; its bounds say by how much. Gives the same
/// whichever cloud comes first, and needs little room.
std::unique_ptr<Matcher> auction_matcher(int64_t points);

}  // namespace points
