private let unfoldOperator = Operator("aten::unfold")
private let rfftOperator = Operator("aten::fft_rfft")

/// Frames and their Fourier transforms.
extension Tensor {
  /// Windows of `size` elements, `step` apart, along the last dimension `[..., T] -> [..., F, size]` with
  /// `F = (T - size) / step + 1`; what does not fill a window is left out. Without copying.
  public func framed(size: Int, step: Int) throws -> Tensor {
    try unfoldOperator(.tensor(self), .int(-1), .int(size), .int(step))
  }

  /// Magnitudes of the discrete Fourier transform along the last dimension, `[..., N] -> [..., N / 2 + 1]`, from
  /// frequency 0 up to half the sample rate; not divided by N.
  public func fourierMagnitudes() throws -> Tensor { try rfftOperator(.tensor(self)).absolute() }
}
