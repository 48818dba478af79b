import Foundation

extension Tensor {
  /// Writes named tensors and texts into a safetensors file, atomically and with a content digest.
  ///
  /// - Parameters:
  ///   - tensors: unique names, and tensors of any device. One at a time is copied to memory.
  ///   - metadata: texts by key.
  ///   - url: the file, which is replaced where it exists.
  /// - Throws: `UserError` when the file cannot be created or written; `TorchError` for an element type that the
  ///   format does not have.
  public static func writeSafetensors(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to url: URL
  ) throws {
    let entries = try tensors.map { name, tensor in
      guard let dtype = SafetensorsDType(tensor.dtype) else {
        throw TorchError("\(name): safetensors files hold no elements of type \(tensor.dtype)")
      }
      return SafetensorsTensor(name: name, dtype: dtype, shape: tensor.shape) { body in
        try tensor.detached().bytes().withUnsafeBytes { try body($0) }
      }
    }
    try SafetensorsFile.write(entries, metadata: metadata, to: url)
  }

  /// Reads and checks a whole safetensors file.
  ///
  /// - Parameters:
  ///   - url: the file.
  ///   - device: where the tensors are to lie.
  ///   - requiringDigest: also refuses a file without content digest, which Duel has not written.
  /// - Returns: the tensors by name, and the texts by key without the digest.
  /// - Throws: `UserError` when the file is absent, damaged or not of this format.
  public static func readSafetensors(
    _ url: URL, device: Device = .cpu, requiringDigest: Bool = false
  ) throws -> (tensors: [String: Tensor], metadata: [String: String]) {
    let file = try SafetensorsFile(contentsOf: url, requiringDigest: requiringDigest)
    var tensors: [String: Tensor] = [:]
    for entry in file.header.entries {
      tensors[entry.name] = try file.withBytes(of: entry) { bytes in
        try Tensor(bytes: bytes, dtype: DType(entry.dtype), shape: entry.shape).moved(to: device)
      }
    }
    return (tensors, file.metadata)
  }
}

extension SafetensorsDType {
  /// The format's name of an element type; nil for complex numbers, which it does not have.
  init?(_ dtype: DType) {
    switch dtype {
    case .float64: self = .float64
    case .int64: self = .int64
    case .float32: self = .float32
    case .int32: self = .int32
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    case .uint8: self = .uint8
    case .bool: self = .bool
    case .complex64: return nil
    }
  }
}

extension DType {
  /// The element type of the format's name.
  init(_ dtype: SafetensorsDType) {
    switch dtype {
    case .float64: self = .float64
    case .int64: self = .int64
    case .float32: self = .float32
    case .int32: self = .int32
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    case .uint8: self = .uint8
    case .bool: self = .bool
    }
  }
}
