// Registers the operators of this target.
#include "operators.h"

#include <torch/library.h>

#include "point_kernels.h"

TORCH_LIBRARY_FRAGMENT(duel, library) {
  // Squared distances to nearest points, averaged over each cloud, both ways added; and the larger of the mean plain distances.
  library.def("chamfer_matrix(Tensor a, Tensor? b) -> (Tensor chamfer, Tensor one_sided)");
  library.def(
      "nearest_chamfer(Tensor a, Tensor b, Tensor except, Tensor limits) -> "
      "(Tensor index, Tensor distance, Tensor is_within)");
  library.def("exact_assignment(Tensor a, Tensor b) -> (Tensor cost, Tensor index)");
  library.def("approximate_assignment(Tensor a, Tensor b) -> (Tensor cost, Tensor lower, Tensor index)");
  library.def(
      "nearest_assignment(Tensor a, Tensor b, Tensor lower, Tensor solved, bool approximate) -> "
      "(Tensor index, Tensor lower, Tensor solved, float gap)");
}
TORCH_LIBRARY_IMPL(duel, CompositeExplicitAutograd, library) {
  library.impl("chamfer_matrix", &points::chamfer_matrix);
  library.impl("nearest_chamfer", &points::nearest_chamfer);
  library.impl("exact_assignment", &points::exact_assignment);
  library.impl("approximate_assignment", &points::approximate_assignment);
  library.impl("nearest_assignment", &points::nearest_assignment);
}

// The initialisers above run before main because this function is in the same object file and something refers to it.
void point_kernels_register(void) {}
