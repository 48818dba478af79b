import Failures
import Foundation

/// A look at every checkpoint of a run: which can be read, and what their pointers name. Nothing is changed by it.
public struct CheckpointAudit: Sendable {
  /// A checkpoint's file.
  public struct Entry: Sendable {
    /// The step that it is of, by its name.
    public let step: Int
    /// The file.
    public let file: URL
    /// The pointers that name it.
    public let names: [CheckpointStore.Pointer]
    /// Whether it is of a later step than the latest: left by a run that went on from an earlier one, and overwritten when
    /// its step comes.
    public let isLeftOver: Bool
    /// What is wrong with it, in words; nil where nothing is.
    public let damage: String?
  }

  /// A pointer that leads nowhere.
  public struct LostPointer: Sendable {
    /// Which one.
    public let pointer: CheckpointStore.Pointer
    /// Why.
    public let reason: String
  }

  /// The checkpoints, by step.
  public let entries: [Entry]
  /// The pointers that lead nowhere.
  public let lostPointers: [LostPointer]

  /// Reads every checkpoint of a store.
  ///
  /// - Parameters:
  ///   - store: the checkpoints.
  ///   - read: reads a file, and throws when it is damaged.
  public init(_ store: CheckpointStore, read: (URL) throws -> Void) {
    var steps: [CheckpointStore.Pointer: Int] = [:]
    var lost: [LostPointer] = []
    for pointer in CheckpointStore.Pointer.allCases {
      do {
        steps[pointer] = try store.namedStep(of: pointer)
        _ = try store.target(of: pointer)
      } catch {
        let file = store.folder.appendingPathComponent(pointer.rawValue)
        lost.append(LostPointer(pointer: pointer, reason: Self.words(error, about: file)))
      }
    }
    let present = store.steps
    if let step = present.last, step > 0, steps[.latest] == nil,
      !lost.contains(where: { $0.pointer == .latest })
    {
      lost.append(
        LostPointer(pointer: .latest, reason: "found no such pointer, expected the name of a checkpoint"))
    }
    entries = present.map { step in
      let file = store.url(step: step)
      var damage: String?
      do { try read(file) } catch { damage = Self.words(error, about: file) }
      return Entry(
        step: step, file: file, names: CheckpointStore.Pointer.allCases.filter { steps[$0] == step },
        isLeftOver: steps[.latest].map { step > $0 } ?? false, damage: damage)
    }
    lostPointers = lost
  }

  /// The checkpoint that the run goes on from; nil where the pointer leads nowhere.
  public var latest: Entry? { entries.first { $0.names.contains(.latest) } }
  /// Whether all that the run needs is good: what is left over is not needed.
  public var isSound: Bool {
    lostPointers.isEmpty && entries.allSatisfy { $0.damage == nil || $0.isLeftOver && $0.names.isEmpty }
  }

  /// An error without the name of the file that it is about, which stands beside it.
  private static func words(_ error: any Error, about file: URL) -> String {
    let text = "\(error)"
    let name = "\(file.relativePath): "
    return text.hasPrefix(name) ? String(text.dropFirst(name.count)) : text
  }
}
