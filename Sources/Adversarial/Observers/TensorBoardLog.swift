import Failures
import Foundation

/// Writes what happens in a run into a file of events that TensorBoard shows: scalars, previews as sound, pictures, text and
/// point clouds, and as text what was decided and warned of.
///
/// A run that goes on from a checkpoint has the events up to it as they were, and those of later steps once.
public final class TensorBoardLog: TrainingObserver {
  private let file: AppendedFile

  /// Opens the file of a run, or makes it.
  ///
  /// - Throws: `UserError(.cannotCreate)` when the file cannot be written.
  public init(file: URL) throws { self.file = try AppendedFile(file) }

  /// Appends what an event says.
  ///
  /// - Throws: `UserError(.badData)` when a file that is gone on with is not one of ours, `.inputOutput` when it cannot be
  ///   written, as on a full disk.
  public func receive(_ event: TrainingEvent) throws {
    switch event {
    case .started:
      try file.replace(
        with: EventRecords.record(Self.event(step: 0) { $0.set(Field.version, "brain.Event:2") }))
    case .resumed(let step, _): try cut(afterStep: step)
    case .report(let report): try append(step: report.step, Self.values(of: report))
    case .preview(let step, let preview): try append(step: step, preview.items.compactMap(Self.value))
    case .decided(let step, let text): try append(step: step, [Self.text("decided", [text])])
    case .warning(let step, let text): try append(step: step, [Self.text("warnings", [text])])
    default: break
    }
  }

  // MARK: Events

  /// Numbers of fields in TensorFlow's `event.proto`, `summary.proto` and `tensor.proto`.
  private enum Field {
    static let wallTime = 1, step = 2, version = 3, summary = 5
    static let value = 1, tag = 1, simpleValue = 2, image = 4, audio = 6, tensor = 8, metadata = 9
  }

  private static func event(step: Int, _ build: (inout WireMessage) -> Void) -> [UInt8] {
    var event = WireMessage()
    event.set(Field.wallTime, Date().timeIntervalSince1970)
    event.set(Field.step, step)
    build(&event)
    return event.bytes
  }

  private func append(step: Int, _ values: [WireMessage]) throws {
    guard !values.isEmpty else { return }
    let event = Self.event(step: step) { event in
      event.set(Field.summary) { summary in
        for value in values { summary.set(Field.value, value.bytes) }
      }
    }
    try file.append(EventRecords.record(event))
  }

  /// Leaves out events of later steps, and what a killed process did not finish.
  private func cut(afterStep step: Int) throws {
    let all = try file.bytes()
    let kept = try EventRecords.records(in: all).filter { try self.step(of: $0.data) <= step }
      .flatMap(\.record)
    if kept.isEmpty { return try receive(.started(totalSteps: 0)) }
    if kept.count < all.count { try file.replace(with: kept) }
  }

  /// The step of one of our events, which follows the time of day.
  private func step(of data: ArraySlice<UInt8>) throws -> Int {
    var rest = data.dropFirst(9)
    guard data.first == 0x09, rest.popFirst() == 0x10 else {
      throw UserError(.badData, "\(file.name): found an event that is not one of ours")
    }
    var (step, shift) = (UInt64(0), UInt64(0))
    while let byte = rest.popFirst(), shift < 63 {
      step |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { break }
      shift += 7
    }
    return Int(step)
  }

  // MARK: Values

  private static func value(_ tag: String, _ build: (inout WireMessage) -> Void) -> WireMessage {
    var value = WireMessage()
    value.set(Field.tag, tag)
    build(&value)
    return value
  }

  /// The scalars of a report; TensorBoard groups them by what stands before a slash.
  private static func values(of report: TrainingReport) -> [WireMessage] {
    let scalars = report.scalars + [Scalar("progress.rate", report.rate)]
    return scalars.map { scalar in
      value(grouped(scalar.name)) { $0.set(Field.simpleValue, Float(scalar.value)) }
    }
  }

  private static func grouped(_ name: String) -> String {
    guard let dot = name.firstIndex(of: ".") else { return name }
    return name[..<dot] + "/" + name[name.index(after: dot)...]
  }

  /// An item of a preview; nil for one that TensorBoard cannot show.
  private static func value(_ item: PreviewItem) -> WireMessage? {
    let tag = "previews/\(item.fileName)"
    switch item.content {
    case .text(let samples): return text(tag, samples.map { "    " + $0.replacing("\n", with: "\n    ") })
    case .sound(let samples, let channels, let rate):
      guard item.fileName.hasSuffix(".wav") else { return nil }
      return value(tag) { value in
        value.set(Field.audio) { audio in
          audio.set(1, Float(rate))
          audio.set(2, channels)
          audio.set(3, samples.count / max(channels, 1))
          audio.set(4, item.fileBytes)
          audio.set(5, "audio/wav")
        }
      }
    case .picture(let width, let height, _):
      guard item.fileName.hasSuffix(".png") else { return nil }
      return value(tag) { value in
        value.set(Field.image) { image in
          image.set(1, height)
          image.set(2, width)
          image.set(3, 3)
          image.set(4, item.fileBytes)
        }
      }
    case .cloud(let points): return cloud(tag, points)
    }
  }

  private static func text(_ tag: String, _ lines: [String]) -> WireMessage {
    value(tag) { value in
      value.set(Field.tensor) { tensor in
        tensor.set(1, 7)
        tensor.set(2) { shape in shape.set(2) { $0.set(1, lines.count) } }
        for line in lines { tensor.set(8, line) }
      }
      value.set(Field.metadata) { metadata in
        metadata.set(1) { $0.set(1, "text") }
        metadata.set(4, 2)
      }
    }
  }

  /// Points as the vertices of a mesh without faces.
  private static func cloud(_ name: String, _ points: [Float]) -> WireMessage {
    let shape = [1, points.count / 3, 3]
    return value("\(name)_VERTEX") { value in
      value.set(Field.tensor) { tensor in
        tensor.set(1, 1)
        tensor.set(2) { field in for extent in shape { field.set(2) { $0.set(1, extent) } } }
        tensor.set(
          4, points.flatMap { point in withUnsafeBytes(of: point.bitPattern.littleEndian) { Array($0) } })
      }
      value.set(Field.metadata) { metadata in
        metadata.set(1) { plugin in
          plugin.set(1, "mesh")
          plugin.set(2) { mesh in
            mesh.set(2, name)
            mesh.set(3, 1)
            mesh.set(5, "{}")
            for extent in shape { mesh.set(6, extent) }
            mesh.set(7, 1 << 1)
          }
        }
        metadata.set(4, 2)
      }
    }
  }
}
