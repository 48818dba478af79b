// Points of a cloud in the order of blocks of near points, each as many as a vector has lanes.
#pragma once
#include <algorithm>
#include <cstdint>

#include "vectors.h"

namespace points {

/// Orders indices of a cloud's points so that each block's points are near to each other: halves along the longest side, and
/// so on. Only the last block of a whole cloud may have room left.
inline void order_in_blocks(const float *cloud, int32_t *begin, int32_t *end) {
  if (end - begin <= lanes) return;
  int longest = 0;
  double length = -1;
  for (int axis = 0; axis < 3; axis++) {
    float low = cloud[3 * *begin + axis], high = low;
    for (const int32_t *k = begin; k < end; k++) {
      low = std::min(low, cloud[3 * *k + axis]);
      high = std::max(high, cloud[3 * *k + axis]);
    }
    if (double(high) - low > length) {
      length = double(high) - low;
      longest = axis;
    }
  }
  int32_t *middle = begin + (vectors_for(end - begin) + 1) / 2 * lanes;
  std::nth_element(begin, middle, end, [&](int32_t i, int32_t j) {
    const float left = cloud[3 * i + longest], right = cloud[3 * j + longest];
    return left < right || (left == right && i < j);
  });
  order_in_blocks(cloud, begin, middle);
  order_in_blocks(cloud, middle, end);
}

}  // namespace points
