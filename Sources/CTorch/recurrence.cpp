// duel::gru, one layer of gated recurrent units over whole sequences, and duel::gru_step, one step of it without gradients.
//
// The engine's own layer calls a dozen operators a step and lets autograd record each. Here a step is one matrix product
// and one pass over the gates, forward and backward; the products that need no order, with the inputs and of the
// weights' gradients, are made once for all steps. Threads share the rows of the batch: each goes through all steps
// with its own, so that none waits for another. Derivatives of derivatives are left to the engine's layer.
#include "parallel.h"
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "engine.h"
#include "widths.h"

namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// bfloat16 as it lies in memory: conversions in plain integers are vectorised, those of the engine's class are not.
struct Half16 {
  uint16_t bits;
};

INLINE float load(const float *from) { return *from; }
INLINE float load(const Half16 *from) {
  const uint32_t bits = static_cast<uint32_t>(from->bits) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
INLINE void store(float *to, float value) { *to = value; }
INLINE void store(Half16 *to, float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  // To the nearest, of two the even one; what is no number stays none.
  const uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  to->bits = static_cast<uint16_t>(value == value ? rounded : 0x7fc0);
}

/// The exponential to about 1e-7 of its value, in operations that compilers vectorise.
INLINE float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 87.0f ? 87.0f : x;
  // Adding this number rounds to an integer.
  const float shift = 12582912.0f;
  const float n = (x * 1.44269504f + shift) - shift;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const int32_t exponent = (static_cast<int32_t>(n) + 127) << 23;
  float power;
  std::memcpy(&power, &exponent, sizeof power);
  return p * power;
}

INLINE float sigmoid(float x) { return 1.0f / (1.0f + exponential(-x)); }
INLINE float hyperbolic_tangent(float x) { return 2.0f / (1.0f + exponential(-2.0f * x)) - 1.0f; }

/// The gates of some samples at one step: from the products with inputs and states, `[rows, 3H]`, and the states before,
/// the states after, in single precision and, where operands are lowered, a copy as operand. `chosen` says which row of the
/// products with inputs each sample takes; null for its own. `kept` takes reset, update and new gate and the recurrent part
/// of the new one, `[rows, 4H]`. What is to be kept is known to the compiler: stores that a mask leaves out are slow where
/// there is no memory.
template <bool keeps, typename Number>
INLINE void gates_of(const Number *inputs, const int64_t *chosen, const Number *recurrent, const float *bias,
                     const float *before, float *after, Number *copy, Number *kept, int64_t rows, int64_t width) {
  for (int64_t row = 0; row < rows; ++row) {
    const Number *gi = inputs + (chosen ? chosen[row] : row) * 3 * width, *gh = recurrent + row * 3 * width;
    const float *h = before + row * width;
    float *next = after + row * width;
    FOR_INDEPENDENT (int64_t j = 0; j < width; ++j) {
      const float r = sigmoid(load(gi + j) + load(gh + j) + bias[j]);
      const float z = sigmoid(load(gi + width + j) + load(gh + width + j) + bias[width + j]);
      const float part = load(gh + 2 * width + j) + bias[2 * width + j];
      const float n = hyperbolic_tangent(load(gi + 2 * width + j) + r * part);
      const float value = n + z * (h[j] - n);
      if constexpr (keeps) {
        Number *keep = kept + row * 4 * width;
        store(keep + j, r);
        store(keep + width + j, z);
        store(keep + 2 * width + j, n);
        store(keep + 3 * width + j, part);
      }
      next[j] = value;
      if constexpr (sizeof(Number) < sizeof(float)) store(copy + row * width + j, value);
    }
  }
}

/// Backward through that: from the gradient of the states after, which is the sum of `gradient`, `carried` and `product`,
/// the gradients of both products `[rows, 3H]`, and in `carried` what reaches the states before past the gates.
template <typename Number>
INLINE void gate_gradients_of(const Number *gradient, const Number *product, const Number *kept, const Number *before,
                           float *carried, Number *inputs, Number *recurrent, int64_t rows, int64_t width) {
  for (int64_t row = 0; row < rows; ++row) {
    const Number *g = gradient + row * width, *p = product + row * width, *h = before + row * width;
    const Number *keep = kept + row * 4 * width;
    float *carry = carried + row * width;
    Number *gi = inputs + row * 3 * width, *gh = recurrent + row * 3 * width;
    FOR_INDEPENDENT (int64_t j = 0; j < width; ++j) {
      const float r = load(keep + j), z = load(keep + width + j);
      const float n = load(keep + 2 * width + j), part = load(keep + 3 * width + j);
      const float slope = load(g + j) + carry[j] + load(p + j);
      const float dn = slope * (1.0f - z) * (1.0f - n * n);
      const float dz = slope * (load(h + j) - n) * z * (1.0f - z);
      const float dr = dn * part * r * (1.0f - r);
      store(gi + j, dr);
      store(gh + j, dr);
      store(gi + width + j, dz);
      store(gh + width + j, dz);
      store(gi + 2 * width + j, dn);
      store(gh + 2 * width + j, dn * r);
      carry[j] = slope * z;
    }
  }
}

FOR_EACH_WIDTH void gates(const float *gi, const int64_t *chosen, const float *gh, const float *bias, const float *before,
                          float *after, float *copy, float *kept, int64_t rows, int64_t width) {
  if (kept) {
    gates_of<true>(gi, chosen, gh, bias, before, after, copy, kept, rows, width);
  } else {
    gates_of<false>(gi, chosen, gh, bias, before, after, copy, kept, rows, width);
  }
}
FOR_EACH_WIDTH void gates(const Half16 *gi, const int64_t *chosen, const Half16 *gh, const float *bias, const float *before,
                          float *after, Half16 *copy, Half16 *kept, int64_t rows, int64_t width) {
  if (kept) {
    gates_of<true>(gi, chosen, gh, bias, before, after, copy, kept, rows, width);
  } else {
    gates_of<false>(gi, chosen, gh, bias, before, after, copy, kept, rows, width);
  }
}
FOR_EACH_WIDTH void gate_gradients(const float *g, const float *p, const float *kept, const float *before, float *carried,
                                   float *gi, float *gh, int64_t rows, int64_t width) {
  gate_gradients_of(g, p, kept, before, carried, gi, gh, rows, width);
}
FOR_EACH_WIDTH void gate_gradients(const Half16 *g, const Half16 *p, const Half16 *kept, const Half16 *before, float *carried,
                                   Half16 *gi, Half16 *gh, int64_t rows, int64_t width) {
  gate_gradients_of(g, p, kept, before, carried, gi, gh, rows, width);
}

template <typename Number>
Number *data(const Tensor &tensor) {
  return static_cast<Number *>(tensor.data_ptr());
}

/// Runs `body` with the kind of number that operands are.
template <typename Body>
auto with_numbers(bool lowered, const Body &body) {
  return lowered ? body(Half16()) : body(float());
}

/// Runs `body(first, count)` on ranges of a batch, one a thread.
template <typename Body>
void for_rows(int64_t batch, const Body &body) {
  // Products of fewer rows would cost more than they share.
  const int64_t share = (batch + at::get_num_threads() - 1) / at::get_num_threads();
  duel::parallel_for(0, batch, std::max<int64_t>(16, share), [&](int64_t start, int64_t end) {
    const at::AutoDispatchBelowAutograd below;
    body(start, end - start);
  });
}

void check(const Tensor &x, const Tensor &state, const Tensor &weight_ih, const Tensor &weight_hh) {
  const auto width = weight_hh.size(1);
  TORCH_CHECK(x.dim() == 3 && x.size(1) > 0 && x.size(2) == weight_ih.size(1) && weight_ih.size(0) == 3 * width &&
                  weight_hh.size(0) == 3 * width && state.dim() == 2 && state.size(0) == x.size(0) &&
                  state.size(1) == width,
              "gru: found x ", x.sizes(), ", state ", state.sizes(), ", weights ", weight_ih.sizes(), " and ",
              weight_hh.sizes());
}

/// What the gradient of a sequence needs: the inputs `[T B, I]` and states `[T + 1, B, H]` as operands, and the gates
/// `[T, B, 4H]`.
struct Pass {
  Tensor inputs, states, kept;
  /// The states after each step, `[B, T, H]`.
  Tensor outputs() const { return states.narrow(0, 1, states.size(0) - 1).transpose(0, 1); }
};

Pass forward(const Tensor &x, const Tensor &state, const Tensor &weight_ih, const Tensor &weight_hh,
             const Tensor &bias_ih, const Tensor &bias_hh, bool lowered, bool keeps) {
  check(x, state, weight_ih, weight_hh);
  const auto type = lowered ? at::kBFloat16 : at::kFloat;
  const auto batch = x.size(0), steps = x.size(1), width = state.size(1);
  Pass pass;
  pass.inputs = x.transpose(0, 1).to(type).contiguous().view({steps * batch, x.size(2)});
  const auto options = pass.inputs.options();
  const auto gi = at::addmm(bias_ih.to(type), pass.inputs, weight_ih.to(type).t()).view({steps, batch, 3 * width});
  pass.states = at::empty({steps + 1, batch, width}, options);
  pass.states[0].copy_(state);
  pass.kept = at::empty({keeps ? steps : 0, batch, 4 * width}, options);
  // The states themselves stay in single precision from step to step.
  const auto full = lowered ? state.to(at::kFloat).clone(at::MemoryFormat::Contiguous) : Tensor();
  const auto bias = bias_hh.to(at::kFloat).contiguous();
  const auto products = at::empty({batch, 3 * width}, options);
  const auto weight = weight_hh.to(type).t();
  with_numbers(lowered, [&](auto number) {
    using Number = decltype(number);
    for_rows(batch, [&](int64_t first, int64_t count) {
      auto product = products.narrow(0, first, count);
      for (int64_t step = 0; step < steps; ++step) {
        const auto part = [&](const Tensor &tensor, int64_t index) { return tensor[index].narrow(0, first, count); };
        const auto before = part(pass.states, step), after = part(pass.states, step + 1);
        at::mm_out(product, before, weight);
        auto *running = lowered ? data<float>(full) + first * width : data<float>(before);
        gates(data<Number>(part(gi, step)), nullptr, data<Number>(product), data<float>(bias), running,
              lowered ? running : data<float>(after), lowered ? data<Number>(after) : nullptr,
              keeps ? data<Number>(part(pass.kept, step)) : nullptr, count, width);
      }
    });
  });
  return pass;
}

/// The gradients of x, state, weights and biases by those of the outputs.
variable_list backward(const Pass &pass, const Tensor &output_gradient, const Tensor &weight_ih,
                       const Tensor &weight_hh) {
  const auto type = pass.inputs.scalar_type();
  const bool lowered = type == at::kBFloat16;
  const auto steps = pass.kept.size(0), batch = pass.kept.size(1), width = pass.kept.size(2) / 4;
  const auto weight = weight_hh.to(type);
  const auto gradient = output_gradient.transpose(0, 1).to(type).contiguous();
  const auto gi = at::empty({steps, batch, 3 * width}, pass.inputs.options()), gh = at::empty_like(gi);
  const auto carried = at::zeros({batch, width}, pass.inputs.options().dtype(at::kFloat));
  const auto products = at::zeros({batch, width}, pass.inputs.options());
  with_numbers(lowered, [&](auto number) {
    using Number = decltype(number);
    for_rows(batch, [&](int64_t first, int64_t count) {
      auto product = products.narrow(0, first, count);
      for (int64_t step = steps - 1; step >= 0; --step) {
        const auto part = [&](const Tensor &tensor) { return tensor[step].narrow(0, first, count); };
        const auto recurrent = part(gh);
        gate_gradients(data<Number>(part(gradient)), data<Number>(product), data<Number>(part(pass.kept)),
                       data<Number>(part(pass.states)), data<float>(carried) + first * width, data<Number>(part(gi)),
                       data<Number>(recurrent), count, width);
        at::mm_out(product, recurrent, weight);
      }
    });
  });
  const auto flat_gi = gi.view({steps * batch, 3 * width}), flat_gh = gh.view({steps * batch, 3 * width});
  const auto before = pass.states.narrow(0, 0, steps).view({steps * batch, width});
  return {flat_gi.mm(weight_ih.to(type)).view({steps, batch, -1}).transpose(0, 1),
          carried.add(products),
          flat_gi.t().mm(pass.inputs).to(weight_ih.scalar_type()),
          flat_gh.t().mm(before).to(weight_hh.scalar_type()),
          flat_gi.sum(0, false, at::kFloat),
          flat_gh.sum(0, false, at::kFloat)};
}

struct Layer : Function<Layer> {
  static Tensor forward(AutogradContext *context, const Tensor &x, const Tensor &state, const Tensor &weight_ih,
                        const Tensor &weight_hh, const Tensor &bias_ih, const Tensor &bias_hh, bool lowered) {
    const auto pass = ::forward(x, state, weight_ih, weight_hh, bias_ih, bias_hh, lowered, true);
    context->save_for_backward(
        {x, state, weight_ih, weight_hh, bias_ih, bias_hh, pass.inputs, pass.states, pass.kept});
    return pass.outputs();
  }

  static variable_list backward(AutogradContext *context, const variable_list &gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &state = saved[1];
    variable_list result;
    if (at::GradMode::is_enabled()) {
      result = by_engine(context, {saved.begin(), saved.begin() + 6}, gradients[0]);
    } else {
      result = ::backward({saved[6], saved[7], saved[8]}, gradients[0], saved[2], saved[3]);
      result[0] = result[0].to(x.scalar_type());
      result[1] = result[1].to(state.scalar_type());
    }
    result.emplace_back();
    return result;
  }

  /// Gradients that can be differentiated in turn.
  static variable_list by_engine(AutogradContext *context, const variable_list &inputs, const Tensor &gradient) {
    const auto outputs = std::get<0>(at::gru(inputs[0], inputs[1].unsqueeze(0),
                                             {inputs[2], inputs[3], inputs[4], inputs[5]}, true, 1, 0, false, false, true));
    variable_list wanted, result(inputs.size());
    for (size_t index = 0; index < inputs.size(); ++index)
      if (context->needs_input_grad(index)) wanted.push_back(inputs[index]);
    const auto found = torch::autograd::grad({outputs}, wanted, {gradient.to(outputs.scalar_type())}, true, true, true);
    for (size_t index = 0, next = 0; index < inputs.size(); ++index)
      if (context->needs_input_grad(index)) result[index] = found[next++];
    return result;
  }
};

/// Nothing is kept where no gradient is wanted.
Tensor gru_without_gradient(const Tensor &x, const Tensor &state, const Tensor &weight_ih, const Tensor &weight_hh,
                            const Tensor &bias_ih, const Tensor &bias_hh, bool lowered) {
  return forward(x, state, weight_ih, weight_hh, bias_ih, bias_hh, lowered, false).outputs();
}

Tensor gru(const Tensor &x, const Tensor &state, const Tensor &weight_ih, const Tensor &weight_hh,
           const Tensor &bias_ih, const Tensor &bias_hh, bool lowered) {
  if (at::GradMode::is_enabled()) return Layer::apply(x, state, weight_ih, weight_hh, bias_ih, bias_hh, lowered);
  const at::AutoDispatchBelowAutograd below;
  return gru_without_gradient(x, state, weight_ih, weight_hh, bias_ih, bias_hh, lowered);
}

Tensor gru_autocast(const Tensor &x, const Tensor &state, const Tensor &weight_ih, const Tensor &weight_hh,
                    const Tensor &bias_ih, const Tensor &bias_hh, bool lowered) {
  const c10::impl::ExcludeDispatchKeyGuard guard(at::autocast::get_autocast_dispatch_key_from_device_type(at::kCPU));
  static const auto op = c10::Dispatcher::singleton().findSchemaOrThrow("duel::gru", "").typed<decltype(gru)>();
  const bool lowers = at::autocast::get_autocast_dtype(at::kCPU) == at::kBFloat16 && ct_cpu_multiplies_bfloat16();
  return op.call(x, state, weight_ih, weight_hh, bias_ih, bias_hh, lowered || lowers);
}

/// One step of a batch: `inputs [N, 3H]` are products of inputs and weights, biases added, of which each sample takes
/// the row that `chosen [B]` says, or its own; `operand [B, H]` is the state as the matrix product takes it.
std::tuple<Tensor, Tensor> gru_step(const Tensor &inputs, const std::optional<Tensor> &chosen, const Tensor &state,
                                    const Tensor &operand, const Tensor &weight_hh, const Tensor &bias_hh) {
  const auto batch = state.size(0), width = state.size(1);
  const auto type = inputs.scalar_type();
  const bool lowered = type == at::kBFloat16;
  TORCH_CHECK((lowered || type == at::kFloat) && operand.scalar_type() == type && weight_hh.scalar_type() == type &&
                  state.scalar_type() == at::kFloat && bias_hh.scalar_type() == at::kFloat,
              "gru_step: found ", type, ", ", operand.scalar_type(), " and ", weight_hh.scalar_type(),
              ", expected one type of operands, and states and biases in single precision");
  TORCH_CHECK(inputs.dim() == 2 && inputs.size(1) == 3 * width && weight_hh.size(0) == 3 * width &&
                  weight_hh.size(1) == width && bias_hh.numel() == 3 * width && operand.sizes() == state.sizes() &&
                  (chosen ? chosen->numel() : inputs.size(0)) == batch,
              "gru_step: found inputs ", inputs.sizes(), " and states ", state.sizes());
  const auto from = inputs.contiguous(), before = state.contiguous(), bias = bias_hh.contiguous();
  const auto rows = chosen ? chosen->contiguous() : Tensor();
  if (chosen) {
    const auto *row = rows.const_data_ptr<int64_t>();
    for (int64_t index = 0; index < batch; ++index)
      TORCH_CHECK_INDEX(row[index] >= 0 && row[index] < from.size(0), "gru_step: found row ", row[index], " of ",
                        from.size(0));
  }
  const auto after = at::empty_like(before), copy = lowered ? at::empty_like(operand) : after;
  const auto products = at::empty({batch, 3 * width}, from.options());
  const auto weight = weight_hh.t();
  with_numbers(lowered, [&](auto number) {
    using Number = decltype(number);
    for_rows(batch, [&](int64_t first, int64_t count) {
      auto product = products.narrow(0, first, count);
      at::mm_out(product, operand.narrow(0, first, count), weight);
      const auto at_row = [&](const Tensor &tensor) { return data<float>(tensor) + first * width; };
      gates(data<Number>(from) + (chosen ? 0 : first * 3 * width),
            chosen ? rows.const_data_ptr<int64_t>() + first : nullptr, data<Number>(product), data<float>(bias),
            at_row(before), at_row(after), lowered ? data<Number>(copy) + first * width : nullptr, nullptr, count,
            width);
    });
  });
  return {after, copy};
}

/// The same elsewhere, by the engine's operators.
std::tuple<Tensor, Tensor> gru_step_by_engine(const Tensor &inputs, const std::optional<Tensor> &chosen,
                                              const Tensor &state, const Tensor &operand, const Tensor &weight_hh,
                                              const Tensor &bias_hh) {
  const auto input = (chosen ? inputs.index_select(0, *chosen) : inputs).to(state.scalar_type()).chunk(3, 1);
  const auto recurrent = at::linear(operand, weight_hh).to(state.scalar_type()).add(bias_hh).chunk(3, 1);
  const auto reset = input[0].add(recurrent[0]).sigmoid(), update = input[1].add(recurrent[1]).sigmoid();
  const auto fresh = input[2].add(reset.mul(recurrent[2])).tanh();
  const auto after = fresh.add(update.mul(state.sub(fresh)));
  // Results of an operator must not be one another.
  return {after, after.to(operand.scalar_type(), false, true)};
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(duel, library) {
  library.def(
      "gru(Tensor x, Tensor state, Tensor weight_ih, Tensor weight_hh, Tensor bias_ih, Tensor bias_hh, "
      "bool lowered=False) -> Tensor");
  library.def(
      "gru_step(Tensor inputs, Tensor? chosen, Tensor state, Tensor operand, Tensor weight_hh, Tensor bias_hh) -> "
      "(Tensor, Tensor)");
}
TORCH_LIBRARY_IMPL(duel, CPU, library) {
  library.impl("gru", &gru_without_gradient);
  library.impl("gru_step", &gru_step);
}
TORCH_LIBRARY_IMPL(duel, CUDA, library) { library.impl("gru_step", &gru_step_by_engine); }
TORCH_LIBRARY_IMPL(duel, MPS, library) { library.impl("gru_step", &gru_step_by_engine); }
TORCH_LIBRARY_IMPL(duel, AutogradCPU, library) { library.impl("gru", &gru); }
TORCH_LIBRARY_IMPL(duel, AutocastCPU, library) { library.impl("gru", &gru_autocast); }
