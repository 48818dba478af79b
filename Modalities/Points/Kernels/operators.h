// The operators of this target. A missing engine stops the compiler here, with advice, before any other header of libtorch.
#pragma once
#if !__has_include(<ATen/ATen.h>)
#include "libtorch not found: run 'make setup', or set LIBTORCH"
#endif
#include <ATen/ATen.h>

#include <optional>
#include <tuple>

namespace points {

/// Chamfer distances between all clouds of two sets or of one, and the larger of the mean plain distances, each `[S, R]`.
std::tuple<at::Tensor, at::Tensor> chamfer_matrix(const at::Tensor &first, const std::optional<at::Tensor> &second);

/// For each cloud of one set the nearest of another by Chamfer distance, the first of equals: indices `[S]` and distances
/// `[S]`, -1 and infinite where there is none; and whether any is within its own limit, `[S]`.
///
/// `except [S]` holds an index of `second` to be left out for each of `first`, or -1; `limits [R]` a distance for each of
/// `second`, negative for none.
std::tuple<at::Tensor, at::Tensor, at::Tensor> nearest_chamfer(const at::Tensor &first, const at::Tensor &second,
                                                               const at::Tensor &except, const at::Tensor &limits);

/// Cheapest matchings pair by pair: costs `[P]` and matches `[P, N]`.
std::tuple<at::Tensor, at::Tensor> exact_assignment(const at::Tensor &first, const at::Tensor &second);

/// Matchings that cost little more, pair by pair: costs and lower bounds `[P]`, and matches `[P, N]`.
std::tuple<at::Tensor, at::Tensor, at::Tensor> approximate_assignment(const at::Tensor &first,
                                                                      const at::Tensor &second);

/// The nearest of `second` for each of `first`, solving only pairs that may be it.
///
/// `lower [S, R]` holds lower bounds of the pairs' distances, and the distances themselves where `solved [S, R]` says so;
/// a pair to be left out is one solved as infinite. Returns indices `[S]`, -1 where all pairs are left out, both matrices
/// as they are now known, and by what share a distance that was solved for may exceed the exact one, at most.
std::tuple<at::Tensor, at::Tensor, at::Tensor, double> nearest_assignment(const at::Tensor &first,
                                                                          const at::Tensor &second,
                                                                          const at::Tensor &lower,
                                                                          const at::Tensor &solved, bool approximate);

}  // namespace points
