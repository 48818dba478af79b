// duel::conv_same, a convolution over time whose derivatives are convolutions of the same kind.
//
// With a stride of 1 and padding that keeps the length, three maps suffice for derivatives of any order: y = x * w; its
// transpose, which is its derivative by x; and its derivative by w, the correlation of x and g. Each is bilinear and its
// derivatives are the other two. The engine would instead differentiate its backward operator by general rules, which
// transpose batches and call slower kernels.
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "engine.h"

namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// Whether a convolution of so many output frames is computed as one matrix product.
///
/// A product needs each frame's surroundings written out, a convolution kernel needs the weights laid out anew: what is
/// less decides. A product is also faster where weights do not fit a core's caches.
bool is_product(int64_t frames, const at::IntArrayRef &w) { return frames <= 4 * w[0] && w[0] * w[1] * w[2] >= 1 << 16; }

/// `[B, T, C]` as an image `[B, C, 1, T]` with its channels last.
Tensor image(const Tensor &frames) { return frames.transpose(1, 2).unsqueeze(2); }

/// The frames that each output frame sees, one row each: `[B T, J I]`.
Tensor columns(const Tensor &x, int64_t taps) {
  const auto batch = x.size(0), frames = x.size(1), channels = x.size(2);
  const auto padded = at::constant_pad_nd(x, {0, 0, taps / 2, taps / 2}).contiguous();
  // Neighbouring frames are neighbours in memory, so a row of the matrix is one stretch of it.
  return padded.as_strided({batch, frames, taps * channels}, {(frames + taps - 1) * channels, channels, 1})
      .reshape({batch * frames, taps * channels});
}

/// `x [B, T, I]` by `w [O, J, I]`: `y[m] = sum over j of w[j] x[m + j - J / 2]`, `[B, T, O]`.
Tensor convolve(const Tensor &x, const Tensor &w, const std::optional<Tensor> &bias) {
  const auto batch = x.size(0), frames = x.size(1), taps = w.size(1);
  if (is_product(batch * frames, w.sizes())) {
    const auto rows = columns(x, taps), matrix = w.reshape({w.size(0), -1});
    // Of few rows reading the weights is all there is to do, which the engine does faster where they stand on the left.
    if (rows.size(0) <= 64 && x.element_size() > 2) {
      const auto product = matrix.mm(rows.t());
      return (bias ? product.add(bias->unsqueeze(1)) : product).t().reshape({batch, frames, w.size(0)}).contiguous();
    }
    return at::linear(rows, matrix, bias).view({batch, frames, w.size(0)});
  }
  const auto y = at::convolution(image(x), image(w), bias, {1, 1}, {0, taps / 2}, {1, 1}, false, {0, 0}, 1);
  return y.squeeze(2).transpose(1, 2).contiguous();
}

/// The transpose of that map: `g [B, T, O]` by `w [O, J, I]` gives `[B, T, I]`.
Tensor spread(const Tensor &g, const Tensor &w, const std::optional<Tensor> &bias) {
  const auto batch = g.size(0), frames = g.size(1), taps = w.size(1), inputs = w.size(2);
  // A convolution too, whose weights are those of the first turned round.
  if (!is_product(batch * frames, w.sizes())) return convolve(g, w.permute({2, 1, 0}).flip(1), bias);
  const auto parts = g.reshape({-1, w.size(0)}).mm(w.reshape({w.size(0), -1})).view({batch, frames, taps, inputs});
  const auto type = g.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  auto sum = at::zeros({batch, frames + taps - 1, inputs}, g.options().dtype(type));
  for (int64_t tap = 0; tap < taps; tap++) sum.narrow(1, tap, frames).add_(parts.select(2, tap));
  sum = sum.narrow(1, taps / 2, frames);
  if (bias) sum = sum.add(*bias);
  return sum.to(g.scalar_type()).contiguous();
}

/// The derivative by `w [O, J, I]` of the product of `x * w` with `g [B, T, O]`.
Tensor correlate(const Tensor &x, const Tensor &g, int64_t taps) {
  const auto outputs = g.size(2), inputs = x.size(2);
  // In half precision the engine's kernel splits the frames among threads that then wait for each other in a busy loop:
  // on a machine that does something else besides, some shapes take a hundred times as long.
  if (x.element_size() == 2 || is_product(x.size(0) * x.size(1), {outputs, taps, inputs}))
    return g.reshape({-1, outputs}).t().mm(columns(x, taps)).view({outputs, taps, inputs});
  const auto like = at::empty({outputs, taps, inputs}, x.options());
  const auto gradients = at::convolution_backward(image(g), image(x), image(like), std::nullopt, {1, 1}, {0, taps / 2},
                                                  {1, 1}, false, {0, 0}, 1, {false, true, false});
  return std::get<1>(gradients).squeeze(2).transpose(1, 2);
}

struct Correlation : Function<Correlation> {
  static Tensor forward(AutogradContext *context, const Tensor &x, const Tensor &g, int64_t taps) {
    context->save_for_backward({x, g});
    return correlate(x, g, taps);
  }
  static variable_list backward(AutogradContext *context, const variable_list &gradients);
};

struct Convolution : Function<Convolution> {
  static Tensor forward(AutogradContext *context, const Tensor &x, const Tensor &w, const std::optional<Tensor> &bias,
                        bool transposed) {
    context->save_for_backward({x, w});
    context->saved_data["bias"] = bias.has_value();
    context->saved_data["transposed"] = transposed;
    return transposed ? spread(x, w, bias) : convolve(x, w, bias);
  }
  static variable_list backward(AutogradContext *context, const variable_list &gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &w = saved[1];
    const bool transposed = context->saved_data["transposed"].toBool();
    const auto g = gradients[0].contiguous();
    variable_list result(4);
    if (context->needs_input_grad(0)) result[0] = apply(g, w, std::nullopt, !transposed);
    if (context->needs_input_grad(1))
      result[1] = transposed ? Correlation::apply(g, x, w.size(1)) : Correlation::apply(x, g, w.size(1));
    if (context->saved_data["bias"].toBool() && context->needs_input_grad(2)) result[2] = g.sum({0, 1});
    return result;
  }
};

variable_list Correlation::backward(AutogradContext *context, const variable_list &gradients) {
  const auto saved = context->get_saved_variables();
  const auto &w = gradients[0];
  variable_list result(3);
  if (context->needs_input_grad(0)) result[0] = Convolution::apply(saved[1], w, std::nullopt, true);
  if (context->needs_input_grad(1)) result[1] = Convolution::apply(saved[0], w, std::nullopt, false);
  return result;
}

Tensor conv_same(const Tensor &x, const Tensor &w, const std::optional<Tensor> &bias, bool transposed) {
  TORCH_CHECK(x.dim() == 3 && w.dim() == 3 && x.size(2) == w.size(transposed ? 0 : 2), "frames of shape ", x.sizes(),
              " and weights of shape ", w.sizes(), ", expected [B, T, I] and [O, J, I], or [I, J, O] if transposed");
  TORCH_CHECK(w.size(1) % 2 == 1, w.size(1), " taps, expected an odd number");
  return Convolution::apply(x.contiguous(), w, bias, transposed);
}

template <c10::DeviceType device>
Tensor conv_same_autocast(const Tensor &x, const Tensor &w, const std::optional<Tensor> &bias, bool transposed) {
  const c10::impl::ExcludeDispatchKeyGuard guard(at::autocast::get_autocast_dispatch_key_from_device_type(device));
  const auto type = at::autocast::get_autocast_dtype(device);
  return conv_same(at::autocast::cached_cast(type, x, device), at::autocast::cached_cast(type, w, device),
                   at::autocast::cached_cast(type, bias, device), transposed);
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(duel, library) { 
  library.def("conv_same(Tensor x, Tensor w, Tensor? bias=None, bool transposed=False) -> Tensor");
}
TORCH_LIBRARY_IMPL(duel, Autograd, library) { library.impl("conv_same", &conv_same); }
TORCH_LIBRARY_IMPL(duel, AutocastCPU, library) { library.impl("conv_same", &conv_same_autocast<at::kCPU>); }
TORCH_LIBRARY_IMPL(duel, AutocastCUDA, library) { library.impl("conv_same", &conv_same_autocast<at::kCUDA>); }
