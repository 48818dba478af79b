// Vectors of sixteen numbers for hand-written kernels, and how to have those compiled for the machine that they run on.
#pragma once
#include <cstdint>

// A function so marked exists once for each of these instruction sets; the best that the machine has is chosen when the
// library loads. What it calls must be marked DUEL_INLINED and use no templates: the compiler forgets to emit those that
// only such functions use.
#if defined(__x86_64__) && defined(__linux__)
#define DUEL_VECTORISED __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define DUEL_VECTORISED
#endif
#define DUEL_INLINED inline __attribute__((always_inline))

namespace points {

constexpr int lanes = 16;
typedef int32_t Ints __attribute__((vector_size(lanes * sizeof(int32_t))));
typedef float Floats __attribute__((vector_size(lanes * sizeof(float))));

// The compiler's own minimum and maximum of floats mind what is not a number, at three instructions instead of one; those over a
// vector's lanes go from lane to lane. Whole numbers are spared both, and positive floats are in the order of their bits.

/// Takes the numbers of another vector where they are less.
DUEL_INLINED void take_lesser(Floats &numbers, const Floats &others) { numbers = others < numbers ? others : numbers; }

/// Takes the numbers of another vector where they are greater.
DUEL_INLINED void take_greater(Floats &numbers, const Floats &others) { numbers = others > numbers ? others : numbers; }

/// The least of a vector's numbers, of which none is negative.
DUEL_INLINED float least_of(const Floats &numbers) {
  return __builtin_bit_cast(float, __builtin_reduce_min(__builtin_bit_cast(Ints, numbers)));
}

/// The greatest of a vector's numbers, of which none is negative.
DUEL_INLINED float greatest_of(const Floats &numbers) {
  return __builtin_bit_cast(float, __builtin_reduce_max(__builtin_bit_cast(Ints, numbers)));
}

/// How many vectors hold so many numbers.
constexpr int64_t vectors_for(int64_t count) { return (count + lanes - 1) / lanes; }

}  // namespace points
