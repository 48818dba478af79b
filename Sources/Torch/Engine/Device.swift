import CTorch
import Failures

/// Where a tensor's elements lie and its operators run.
public struct Device: Hashable, Sendable, Codable, CustomStringConvertible {
  /// The engine's spelling: `cpu`, `cuda:0`, `mps`.
  public let description: String

  /// The host's processors and memory.
  public static let cpu = Device(spelling: "cpu")

  /// Takes a spelling as the engine gives it.
  init(spelling: String) { description = spelling }

  /// The devices of this machine that the engine can use; the CPU always comes first.
  public static var available: [Device] {
    String(cString: ct_devices()).split(separator: "\n").map { Device(spelling: String($0)) }
  }

  /// Finds a device by name: `cpu`, `cuda` (the first of them), `cuda:N`, `mps`.
  ///
  /// - Throws: `UserError` of category usage that lists the devices present when this one is not.
  public init(named name: String) throws {
    let present = Device.available
    let sought = name == "cuda" ? "cuda:0" : name
    guard let match = present.first(where: { $0.description == sought }) else {
      let list = present.map(\.description).joined(separator: ", ")
      throw UserError(.usage, "--device \(name): no such device here; present: \(list)")
    }
    self = match
  }

  /// The kind without the index: `cpu`, `cuda`, `mps`.
  public var kind: String { String(description.prefix { $0 != ":" }) }

  /// Reads the spelling.
  public init(from decoder: any Decoder) throws {
    description = try decoder.singleValueContainer().decode(String.self)
  }

  /// Writes the spelling.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
