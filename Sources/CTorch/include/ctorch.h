/// libtorch behind one C header.
///
/// Every function that can fail returns null, or a status other than CT_OK, and leaves a message for
/// ct_last_error() on the calling thread; no C++ exception leaves this library. Tensors given out are
/// owned by the caller. Operators are reached by their schema names through libtorch's dispatcher, so a new
/// operator needs no new C function.
#ifndef CTORCH_H
#define CTORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ct_tensor ct_tensor;
typedef struct ct_operator ct_operator;

typedef enum { CT_OK = 0, CT_ERROR = 1, CT_OUT_OF_MEMORY = 2 } ct_status;

/// Why the last failing call on this thread failed; one line, empty when none did.
const char *ct_last_error(void);
/// Whether that failure was for want of memory.
ct_status ct_last_status(void);

// MARK: Runtime

/// The engine's version, as in "2.13.0".
const char *ct_version(void);
/// One line: the vector instructions that the engine's kernels use here.
const char *ct_cpu_capability(void);
/// Whether the CPU has instructions that multiply in bfloat16; without, lowered products are slower than others.
bool ct_cpu_multiplies_bfloat16(void);
/// Whether lowered products are faster than others on the CPU.
bool ct_cpu_gains_by_bfloat16(void);
int ct_threads(void);
ct_status ct_set_threads(int count);
/// Devices as the engine spells them, one a line: "cpu", "cuda:0", "mps".
const char *ct_devices(void);
/// Whether the engine raises an error where an operator has no deterministic form.
ct_status ct_set_deterministic(bool on);
/// Handles given out and not yet freed: what a leak test counts.
int64_t ct_live_tensors(void);

/// Sets how many threads the operators of the calling thread use, and of no other.
void ct_set_own_threads(int count);
/// Threads that run chains of operators side by side, the calling thread among them.
typedef struct ct_team ct_team;
/// As many threads as can be had, up to `size`; null where memory ends.
ct_team *ct_team_new(int size);
/// Calls `body` with each number from 0 to `count - 1`, on all threads of the team, and returns when all calls have. Operators
/// use `threads_each` threads meanwhile.
void ct_team_run(ct_team *team, int count, int threads_each, void (*body)(void *context, int number),
                 void *context);
void ct_team_free(ct_team *team);

// MARK: Tensors

/// Element types, numbered as in c10::ScalarType.
typedef enum {
  CT_UINT8 = 0, CT_INT32 = 3, CT_INT64 = 4, CT_FLOAT16 = 5, CT_FLOAT32 = 6, CT_FLOAT64 = 7,
  CT_COMPLEX64 = 9, CT_BOOL = 11, CT_BFLOAT16 = 15
} ct_dtype;

/// Copies `byte_count` bytes in C order into a new tensor on the CPU.
ct_tensor *ct_tensor_from_bytes(const void *bytes, size_t byte_count, ct_dtype dtype,
                                const int64_t *shape, int rank);
/// Copies the elements, in C order, to `bytes`; the tensor may lie on any device.
ct_status ct_tensor_to_bytes(const ct_tensor *tensor, void *bytes, size_t byte_count);
void ct_tensor_free(ct_tensor *tensor);
int ct_tensor_rank(const ct_tensor *tensor);
void ct_tensor_shape(const ct_tensor *tensor, int64_t *shape);
ct_status ct_tensor_strides(const ct_tensor *tensor, int64_t *strides);
int ct_tensor_dtype(const ct_tensor *tensor);
/// Writes the device's spelling, null-terminated, into a buffer of 16 bytes.
ct_status ct_tensor_device(const ct_tensor *tensor, char *spelling);
bool ct_tensor_requires_grad(const ct_tensor *tensor);
ct_status ct_tensor_set_requires_grad(ct_tensor *tensor, bool required);

// MARK: Operators

typedef enum {
  CT_ARG_NONE, CT_ARG_TENSOR, CT_ARG_TENSORS, CT_ARG_INT, CT_ARG_INTS, CT_ARG_DOUBLE, CT_ARG_DOUBLES,
  CT_ARG_BOOL, CT_ARG_STRING, CT_ARG_DEVICE,
  /// A fresh CPU generator seeded with `integer`.
  CT_ARG_SEED
} ct_argument_kind;

/// One argument of an operator. Element types and layouts travel as CT_ARG_INT. In CT_ARG_TENSORS a null
/// entry stands for an absent optional tensor.
typedef struct {
  ct_argument_kind kind;
  int64_t integer;
  double real;
  const void *pointer;
  int64_t count;
} ct_argument;

/// The operator of a schema, as ("aten::add", "Tensor"); null when the engine has none. Never freed.
const ct_operator *ct_operator_find(const char *name, const char *overload);
/// Calls an operator; trailing arguments may be left out where the schema has defaults. A list result is spread.
/// Writes at most `capacity` results and their number to `result_count`.
ct_status ct_operator_call(const ct_operator *op, const ct_argument *arguments, int argument_count,
                           ct_tensor **results, int capacity, int *result_count);

// MARK: Autograd

ct_status ct_backward(const ct_tensor *loss);
/// The gradient accumulated in a leaf; null without an error where there is none.
ct_tensor *ct_grad(const ct_tensor *leaf);
ct_status ct_set_grad(ct_tensor *leaf, const ct_tensor *gradient);
/// d(sum of outputs)/d(inputs); `seeds` may be null or hold one gradient an output; an input that the outputs do
/// not depend on gives null.
ct_status ct_gradients(ct_tensor *const *outputs, int output_count, ct_tensor *const *seeds,
                       ct_tensor *const *inputs, int input_count, bool create_graph,
                       ct_tensor **gradients);
/// Sets the calling thread's gradient mode, and returns the one before.
bool ct_set_grad_enabled(bool enabled);
bool ct_grad_enabled(void);
/// Sets the type that the calling thread's autocast lowers to on a device ("cpu", "cuda"), and returns the one before;
/// -1 stands for no autocast.
int32_t ct_set_autocast(const char *device, int32_t dtype);

#ifdef __cplusplus
}
#endif
#endif
