// duel::griffin_lim, waves whose spectra have wanted magnitudes, by the fast Griffin-Lim algorithm (Perraudin, Balazs and
// Søndergaard, 2013).
//
// The engine's operators would walk through all frames a dozen times an iteration. Here a clip stays in a core's cache: sixteen
// frames at a time, a frame in each lane of a vector, go from their spectrum to the wave and from the wave before to their
// spectrum. No frame meets another but in the sum of the wave, so that a clip does not depend on those it is made with.
#include "parallel.h"
#include <torch/library.h>

#include <cmath>
#include <cstring>
#include <numbers>
#include <utility>
#include <vector>

#include "engine.h"
#include "widths.h"

namespace {

using at::Tensor;

constexpr int64_t lanes = 16;
/// A number of each of sixteen frames.
using Lanes = float __attribute__((vector_size(lanes * sizeof(float))));

/// The same where it lies among other numbers.
typedef float LooseLanes __attribute__((vector_size(lanes * sizeof(float)), aligned(alignof(float)), may_alias));

// A reference, since a vector that is returned by value is passed differently by each width of instructions.
INLINE LooseLanes &lanes_at(float *place) { return *reinterpret_cast<LooseLanes *>(place); }

/// Points of the circle at `count` equal steps, clockwise.
struct Circle {
  std::vector<float> cosine, sine;

  Circle(int64_t count, double step) : cosine(count), sine(count) {
    for (int64_t index = 0; index < count; ++index) {
      cosine[index] = static_cast<float>(std::cos(step * static_cast<double>(index)));
      sine[index] = static_cast<float>(-std::sin(step * static_cast<double>(index)));
    }
  }
};

/// What transforms of a window of `2 half` real numbers need.
struct Plan {
  int64_t half;
  Circle turns, halfTurns;

  explicit Plan(int64_t window)
      : half(window / 2), turns(half, 4 * std::numbers::pi / static_cast<double>(window)),
        halfTurns(half + 1, 2 * std::numbers::pi / static_cast<double>(window)) {}
};

/// Complex numbers of sixteen frames, one row of lanes each.
struct Rows {
  Lanes *real, *imaginary;
};

/// The Fourier transform of `plan.half` complex numbers, by Stockham's algorithm in steps of four and, where needed, one of two.
/// The result is in the one or the other of the two; which one is returned.
INLINE Rows transformed(const Plan &plan, Rows from, Rows to) {
  const auto *cosine = plan.turns.cosine.data(), *sine = plan.turns.sine.data();
  int64_t stride = 1;
  for (int64_t size = plan.half; size > 1;) {
    const int64_t radix = size % 4 == 0 ? 4 : 2, part = size / radix;
    for (int64_t place = 0; place < part; ++place) {
      const auto turn = place * stride;
      const float c1 = cosine[turn], s1 = sine[turn];
      if (radix == 2) {
        for (int64_t row = 0; row < stride; ++row) {
          const auto a = row + stride * place, b = a + stride * part, out = row + stride * 2 * place;
          const Lanes real = from.real[a] - from.real[b], imaginary = from.imaginary[a] - from.imaginary[b];
          to.real[out] = from.real[a] + from.real[b];
          to.imaginary[out] = from.imaginary[a] + from.imaginary[b];
          to.real[out + stride] = real * c1 - imaginary * s1;
          to.imaginary[out + stride] = real * s1 + imaginary * c1;
        }
        continue;
      }
      const float c2 = cosine[2 * turn], s2 = sine[2 * turn], c3 = cosine[3 * turn], s3 = sine[3 * turn];
      for (int64_t row = 0; row < stride; ++row) {
        const auto a = row + stride * place, b = a + stride * part, c = b + stride * part, d = c + stride * part;
        const auto out = row + stride * 4 * place;
        const Lanes realSum = from.real[a] + from.real[c], realGap = from.real[a] - from.real[c];
        const Lanes sum = from.imaginary[a] + from.imaginary[c], gap = from.imaginary[a] - from.imaginary[c];
        const Lanes realOther = from.real[b] + from.real[d], other = from.imaginary[b] + from.imaginary[d];
        // i times the second difference.
        const Lanes realTurned = from.imaginary[d] - from.imaginary[b], turned = from.real[b] - from.real[d];
        to.real[out] = realSum + realOther;
        to.imaginary[out] = sum + other;
        const Lanes real1 = realGap - realTurned, imaginary1 = gap - turned;
        to.real[out + stride] = real1 * c1 - imaginary1 * s1;
        to.imaginary[out + stride] = real1 * s1 + imaginary1 * c1;
        const Lanes real2 = realSum - realOther, imaginary2 = sum - other;
        to.real[out + 2 * stride] = real2 * c2 - imaginary2 * s2;
        to.imaginary[out + 2 * stride] = real2 * s2 + imaginary2 * c2;
        const Lanes real3 = realGap + realTurned, imaginary3 = gap + turned;
        to.real[out + 3 * stride] = real3 * c3 - imaginary3 * s3;
        to.imaginary[out + 3 * stride] = real3 * s3 + imaginary3 * c3;
      }
    }
    std::swap(from, to);
    size /= radix;
    stride *= radix;
  }
  return from;
}

/// A clip while its phases are solved for. All planes have a frame in each column, in columns up to a multiple of the lanes.
struct Clip {
  int64_t hop;
  /// Columns of planes by frame, and of the wave: three more, since a frame reaches over four hops.
  int64_t columns, waveColumns;
  /// `[K, columns]`: wanted magnitudes, directions, the spectrum before.
  float *magnitudes, *real, *imaginary, *lastReal, *lastImaginary;
  /// `[hop, waveColumns]`: the wave, the next one, and by what their sums are multiplied.
  float *wave, *next, *scale;
  /// `[window / 2]` rows of lanes.
  Rows here, there;
};

/// A row of a plane of spectra, from a column on.
INLINE LooseLanes &in_plane(const Clip &clip, float *plane, int64_t bin, int64_t column) {
  return lanes_at(plane + bin * clip.columns + column);
}

/// A sample of the frames from a column on: where it lies in a wave.
INLINE LooseLanes &in_wave(const Clip &clip, float *wave, int64_t sample, int64_t column) {
  return lanes_at(wave + (sample % clip.hop) * clip.waveColumns + column + sample / clip.hop);
}

/// Adds the wave of the frames from a column on to the next one. The spectrum is the magnitudes times the directions.
INLINE void add_frames(const Plan &plan, const Clip &clip, const float *window, int64_t column) {
  const auto half = plan.half;
  const auto factor = 1 / static_cast<float>(2 * half);
  for (int64_t bin = 0; bin < half; ++bin) {
    const auto mirror = half - bin;
    const Lanes size = in_plane(clip, clip.magnitudes, bin, column) * factor;
    const Lanes mirrorSize = in_plane(clip, clip.magnitudes, mirror, column) * factor;
    const Lanes real = in_plane(clip, clip.real, bin, column) * size;
    const Lanes mirrorReal = in_plane(clip, clip.real, mirror, column) * mirrorSize;
    // A real wave has neither at its ends.
    const float inside = bin == 0 ? 0.0f : 1.0f;
    const Lanes imaginary = in_plane(clip, clip.imaginary, bin, column) * size * inside;
    const Lanes mirrorImaginary = in_plane(clip, clip.imaginary, mirror, column) * mirrorSize * inside;
    const float c = plan.halfTurns.cosine[bin], s = -plan.halfTurns.sine[bin];
    const Lanes realGap = real - mirrorReal, sum = imaginary + mirrorImaginary;
    const Lanes oddReal = realGap * c - sum * s, odd = realGap * s + sum * c;
    // Exchanged: the transform back is the transform forth of exchanged numbers.
    clip.here.imaginary[bin] = real + mirrorReal - odd;
    clip.here.real[bin] = imaginary - mirrorImaginary + oddReal;
  }
  const auto result = transformed(plan, clip.here, clip.there);
  for (int64_t sample = 0; sample < 2 * half; ++sample) {
    const Lanes value = (sample % 2 == 0 ? result.imaginary : result.real)[sample / 2] * window[sample];
    in_wave(clip, clip.next, sample, column) += value;
  }
}

/// Sets the directions of the frames from a column on to those of the wave's spectrum, less `back` times the one before.
INLINE void turn_frames(const Plan &plan, const Clip &clip, const float *window, int64_t column, float back) {
  const auto half = plan.half;
  for (int64_t pair = 0; pair < half; ++pair) {
    const auto even = 2 * pair, odd = even + 1;
    clip.here.real[pair] = in_wave(clip, clip.wave, even, column) * window[even];
    clip.here.imaginary[pair] = in_wave(clip, clip.wave, odd, column) * window[odd];
  }
  const auto result = transformed(plan, clip.here, clip.there);
  for (int64_t bin = 0; bin <= half; ++bin) {
    const auto own = bin % half, mirror = (half - bin) % half;
    const Lanes realSum = (result.real[own] + result.real[mirror]) * 0.5f;
    const Lanes gap = (result.imaginary[own] - result.imaginary[mirror]) * 0.5f;
    const Lanes oddReal = (result.imaginary[own] + result.imaginary[mirror]) * 0.5f;
    const Lanes odd = (result.real[mirror] - result.real[own]) * 0.5f;
    const float c = plan.halfTurns.cosine[bin], s = plan.halfTurns.sine[bin];
    const Lanes real = realSum + oddReal * c - odd * s, imaginary = gap + oddReal * s + odd * c;
    const auto place = bin * clip.columns + column;
    const Lanes aheadReal = real - lanes_at(clip.lastReal + place) * back;
    const Lanes ahead = imaginary - lanes_at(clip.lastImaginary + place) * back;
    const Lanes size = __builtin_elementwise_sqrt(aheadReal * aheadReal + ahead * ahead) + 1e-12f;
    lanes_at(clip.real + place) = aheadReal / size;
    lanes_at(clip.imaginary + place) = ahead / size;
    lanes_at(clip.lastReal + place) = real;
    lanes_at(clip.lastImaginary + place) = imaginary;
  }
}

/// Iterates, and leaves the wave in `clip.wave`.
FOR_EACH_WIDTH void solve(const Plan &plan, Clip &clip, const float *window, int64_t iterations, float back) {
  for (int64_t iteration = 0; iteration <= iterations; ++iteration) {
    std::memset(clip.next, 0, sizeof(float) * clip.hop * clip.waveColumns);
    for (int64_t column = 0; column < clip.columns; column += lanes) {
      if (iteration > 0) turn_frames(plan, clip, window, column, iteration > 1 ? back : 0.0f);
      add_frames(plan, clip, window, column);
    }
    for (int64_t index = 0; index < clip.hop * clip.waveColumns; ++index) clip.next[index] *= clip.scale[index];
    std::swap(clip.wave, clip.next);
  }
}

/// `magnitudes [N, F, K]`, first directions `start [F, K, 2]`, `window [2 K - 2]`, `overlap [H (F + 3)]`, which the sum of all
/// frames' squared windows is; a quarter of a window is a hop H. Waves `[N, H (F + 3)]`.
Tensor griffin_lim(const Tensor &magnitudes, const Tensor &start, const Tensor &window, const Tensor &overlap,
                   int64_t iterations, double momentum) {
  TORCH_CHECK(magnitudes.dim() == 3, "griffin_lim: found magnitudes ", magnitudes.sizes(), ", expected [N, F, K]");
  const auto count = magnitudes.size(0), frames = magnitudes.size(1), bins = magnitudes.size(2);
  const auto size = 2 * (bins - 1), hop = size / 4;
  TORCH_CHECK(size >= 8 && (size & (size - 1)) == 0, "griffin_lim: found ", bins, " bins, expected those of a power of two");
  TORCH_CHECK(start.sizes() == at::IntArrayRef({frames, bins, 2}) && window.numel() == size &&
                  overlap.numel() == hop * (frames + 3),
              "griffin_lim: found ", start.sizes(), ", ", window.sizes(), " and ", overlap.sizes(), " beside ",
              magnitudes.sizes());
  for (const auto *tensor : {&magnitudes, &start, &window, &overlap})
    TORCH_CHECK(tensor->scalar_type() == at::kFloat, "griffin_lim: found ", tensor->scalar_type(),
                ", expected single precision");
  const auto columns = (frames + lanes - 1) / lanes * lanes, waveColumns = columns + 3;
  // A frame in each column.
  const auto planes = at::constant_pad_nd(magnitudes.transpose(1, 2), {0, columns - frames}).contiguous();
  const auto first = at::constant_pad_nd(start.permute({2, 1, 0}), {0, columns - frames}).contiguous();
  const auto scale =
      at::constant_pad_nd(overlap.reciprocal().view({frames + 3, hop}).t(), {0, columns - frames}).contiguous();
  const auto shape = window.contiguous();
  const auto result = at::empty({count, frames + 3, hop}, magnitudes.options());
  const auto back = static_cast<float>(momentum / (1 + momentum));
  const Plan plan(size);
  duel::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    const auto plane = bins * columns, wave = hop * waveColumns, rows = plan.half * lanes;
    const auto memory = at::empty({4 * plane + 2 * wave + 4 * rows}, at::TensorOptions(at::kFloat));
    for (int64_t number = begin; number < end; ++number) {
      // Rows of lanes first, since they have to lie at multiples of their size.
      auto *next = memory.mutable_data_ptr<float>();
      const auto take = [&](int64_t count) { return std::exchange(next, next + count); };
      const auto take_rows = [&] { return reinterpret_cast<Lanes *>(take(rows)); };
      Clip clip{};
      clip.hop = hop;
      clip.columns = columns;
      clip.waveColumns = waveColumns;
      clip.here = {take_rows(), take_rows()};
      clip.there = {take_rows(), take_rows()};
      clip.magnitudes = const_cast<float *>(planes.const_data_ptr<float>()) + number * plane;
      clip.real = take(plane);
      clip.imaginary = take(plane);
      clip.lastReal = take(plane);
      clip.lastImaginary = take(plane);
      clip.wave = take(wave);
      clip.next = take(wave);
      clip.scale = const_cast<float *>(scale.const_data_ptr<float>());
      std::memcpy(clip.real, first.const_data_ptr<float>(), 2 * plane * sizeof(float));
      std::memset(clip.lastReal, 0, 2 * plane * sizeof(float));
      solve(plan, clip, shape.const_data_ptr<float>(), iterations, back);
      auto *to = result.mutable_data_ptr<float>() + number * (frames + 3) * hop;
      for (int64_t sample = 0; sample < hop; ++sample)
        for (int64_t column = 0; column < frames + 3; ++column)
          to[column * hop + sample] = clip.wave[sample * waveColumns + column];
    }
  });
  return result.view({count, (frames + 3) * hop});
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(duel, library) {
  library.def(
      "griffin_lim(Tensor magnitudes, Tensor start, Tensor window, Tensor overlap, int iterations, float momentum) -> "
      "Tensor");
}
TORCH_LIBRARY_IMPL(duel, CPU, library) { library.impl("griffin_lim", &griffin_lim); }
