// Kernels for clouds of points: Chamfer distances and one-to-one matchings. They are operators of libtorch's dispatcher, called by
// name: duel::chamfer_matrix, duel::nearest_chamfer, duel::exact_assignment, duel::approximate_assignment and
// duel::nearest_assignment.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Has the operators registered, and does nothing where they are. They register themselves when a binary is loaded that contains
/// them; a call of this function before one is looked up by name makes every linker put them into the binary.
void point_kernels_register(void);

#ifdef __cplusplus
}
#endif
