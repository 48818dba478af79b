// duel::rectify, `x` where positive and `slope x` elsewhere, whose slope is known to be constant.
//
// The second derivative of a rectifier is zero. The engine's own operators return it as a tensor of zeros, which is then
// carried backward through the whole network under a gradient penalty; this one reports that there is none.
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include "engine.h"

namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// The product of a gradient with the rectifier's slope where the rectified values are `y`.
struct Slope : Function<Slope> {
  static Tensor forward(AutogradContext *context, const Tensor &g, const Tensor &y, double slope) {
    context->save_for_backward({y});
    context->saved_data["slope"] = slope;
    return at::leaky_relu_backward(g, y, slope, /*self_is_result=*/true);
  }
  static variable_list backward(AutogradContext *context, const variable_list &gradients) {
    const auto saved = context->get_saved_variables();
    return {apply(gradients[0], saved[0], context->saved_data["slope"].toDouble()), Tensor(), Tensor()};
  }
};

struct Rectifier : Function<Rectifier> {
  static Tensor forward(AutogradContext *context, const Tensor &x, double slope) {
    const auto y = slope == 0 ? at::relu(x) : at::leaky_relu(x, slope);
    context->save_for_backward({y});
    context->saved_data["slope"] = slope;
    return y;
  }
  static variable_list backward(AutogradContext *context, const variable_list &gradients) {
    const auto y = context->get_saved_variables()[0].detach();
    return {Slope::apply(gradients[0], y, context->saved_data["slope"].toDouble()), Tensor()};
  }
};

Tensor rectify(const Tensor &x, double slope) { return Rectifier::apply(x, slope); }

}  // namespace

TORCH_LIBRARY_FRAGMENT(duel, library) { library.def("rectify(Tensor x, float slope) -> Tensor"); }
TORCH_LIBRARY_IMPL(duel, Autograd, library) { library.impl("rectify", &rectify); }
