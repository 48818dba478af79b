#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/jit_type.h>

#include "engine.h"

struct ct_operator {
  c10::OperatorHandle handle;
};

namespace {

using c10::IValue;

/// What a schema's type is once an "or none" is taken off.
c10::TypePtr required(const c10::TypePtr &type) {
  if (const auto optional = type->cast<c10::OptionalType>()) return optional->getElementType();
  return type;
}

IValue tensors(const ct_argument &argument, const c10::TypePtr &type) {
  const auto *entries = static_cast<ct_tensor *const *>(argument.pointer);
  const auto list = type->cast<c10::ListType>();
  if (list && list->getElementType()->kind() == c10::TypeKind::OptionalType) {
    c10::List<std::optional<at::Tensor>> values;
    for (int64_t i = 0; i < argument.count; i++)
      values.push_back(entries[i] ? std::optional(entries[i]->value) : std::nullopt);
    return values;
  }
  std::vector<at::Tensor> values;
  values.reserve(argument.count);
  for (int64_t i = 0; i < argument.count; i++) values.push_back(entries[i] ? entries[i]->value : at::Tensor());
  return values;
}

IValue value(const ct_argument &argument, const c10::TypePtr &formal) {
  const auto type = required(formal);
  switch (argument.kind) {
    case CT_ARG_NONE:
      return IValue();
    case CT_ARG_TENSOR:
      return static_cast<const ct_tensor *>(argument.pointer)->value;
    case CT_ARG_TENSORS:
      return tensors(argument, type);
    case CT_ARG_INT:
      if (type->kind() == c10::TypeKind::FloatType) return static_cast<double>(argument.integer);
      return argument.integer;
    case CT_ARG_INTS: {
      const auto *first = static_cast<const int64_t *>(argument.pointer);
      return std::vector<int64_t>(first, first + argument.count);
    }
    case CT_ARG_DOUBLE:
      return argument.real;
    case CT_ARG_DOUBLES: {
      const auto *first = static_cast<const double *>(argument.pointer);
      return std::vector<double>(first, first + argument.count);
    }
    case CT_ARG_BOOL:
      return argument.integer != 0;
    case CT_ARG_STRING:
      return std::string(static_cast<const char *>(argument.pointer), static_cast<size_t>(argument.count));
    case CT_ARG_DEVICE:
      return at::Device(std::string(static_cast<const char *>(argument.pointer), static_cast<size_t>(argument.count)));
    case CT_ARG_SEED:
      return at::make_generator<at::CPUGeneratorImpl>(static_cast<uint64_t>(argument.integer));
  }
  TORCH_CHECK(false, "unknown argument kind ", static_cast<int>(argument.kind));
}

/// Spreads one result of an operator over tensors; numbers become tensors of rank 0.
void spread(const IValue &result, std::vector<at::Tensor> &into) {
  if (result.isTensor()) {
    TORCH_CHECK(result.toTensor().defined(), "an absent tensor is no result");
    into.push_back(result.toTensor());
  } else if (result.isTensorList()) {
    for (const at::Tensor &tensor : result.toTensorVector()) into.push_back(tensor);
  } else if (result.isBool()) {
    into.push_back(at::scalar_tensor(result.toBool(), at::kBool));
  } else if (result.isInt()) {
    into.push_back(at::scalar_tensor(result.toInt(), at::kLong));
  } else if (result.isDouble()) {
    into.push_back(at::scalar_tensor(result.toDouble(), at::kDouble));
  } else {
    TORCH_CHECK(false, "a result of type ", result.tagKind(), " has no form as tensors");
  }
}

}  // namespace

const ct_operator *ct_operator_find(const char *name, const char *overload) {
  return ctorch::guarded(static_cast<const ct_operator *>(nullptr), [&] {
    return new ct_operator{c10::Dispatcher::singleton().findSchemaOrThrow(name, overload)};
  });
}

ct_status ct_operator_call(const ct_operator *op, const ct_argument *arguments, int argument_count,
                           ct_tensor **results, int capacity, int *result_count) {
  return ctorch::checked([&] {
    const auto &schema = op->handle.schema();
    const auto &formals = schema.arguments();
    TORCH_CHECK(static_cast<size_t>(argument_count) <= formals.size(), schema.name(), " takes at most ",
                formals.size(), " arguments, but ", argument_count, " were given");
    torch::jit::Stack stack;
    stack.reserve(formals.size());
    for (size_t i = 0; i < formals.size(); i++) {
      if (i < static_cast<size_t>(argument_count)) {
        stack.push_back(value(arguments[i], formals[i].type()));
      } else {
        const auto &fallback = formals[i].default_value();
        TORCH_CHECK(fallback.has_value(), schema.name(), " needs its argument '", formals[i].name(), "'");
        stack.push_back(*fallback);
      }
    }
    op->handle.callBoxed(stack);
    std::vector<at::Tensor> values;
    for (const auto &result : stack) spread(result, values);
    TORCH_CHECK(values.size() <= static_cast<size_t>(capacity), schema.name(), " gave ", values.size(),
                " tensors where at most ", capacity, " were expected");
    for (size_t i = 0; i < values.size(); i++) results[i] = ctorch::give(std::move(values[i]));
    *result_count = static_cast<int>(values.size());
  });
}
