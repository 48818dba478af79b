/// The folders that divide a data set as its publisher did: `train`, `val` and `test`, in any of their spellings.
///
/// They may be the first folders below the data's, as in `train/LABEL/file`, or lie deeper, as in `LABEL/train/file`. One rule
/// for all media.
public struct SplitFolders: Sendable {
  private static let parts: [String: CorpusPart] = [
    "train": .training, "training": .training,
    "val": .validation, "valid": .validation, "validation": .validation, "dev": .validation,
    "test": .heldOut, "testing": .heldOut,
  ]

  /// How many folders lie around those of the split; nil where they are not all at one depth.
  private let depth: Int?
  /// Whether folders of such names say nothing else: they are no labels.
  private let isSplit: Bool
  /// Whether the folders divide the data: there is one to train on and one that is not trained on.
  public let divides: Bool

  /// Finds the folders.
  ///
  /// Such names mean a split where there is one to train on and another one, or where all files lie in such folders; otherwise,
  /// as for pictures of trains among those of planes, they mean nothing. Of several depths the first counts at which there are
  /// both.
  /// - Parameter names: the paths of all files below the data's folder.
  public init(_ names: [String]) {
    var found: [Int: Set<CorpusPart>] = [:]
    var files = 0
    for name in names {
      let parts = Self.parts(on: name)
      for (depth, part) in parts { found[depth, default: []].insert(part) }
      files += parts.isEmpty ? 0 : 1
    }
    func divides(_ parts: Set<CorpusPart>) -> Bool { parts.contains(.training) && parts.count > 1 }
    depth = found.filter { divides($0.value) }.keys.min()
    self.divides = divides(found.values.reduce(into: []) { $0.formUnion($1) })
    isSplit = self.divides || files == names.count
  }

  /// The part that a file belongs to; nil for a file in none of the folders.
  public func part(of name: String) -> CorpusPart? { isSplit ? folder(on: name)?.part : nil }

  /// A path without the folder that names the part: what labels are read from.
  public func removed(from name: String) -> String {
    guard isSplit, let depth = folder(on: name)?.depth else { return name }
    var folders = name.split(separator: "/")
    folders.remove(at: depth)
    return folders.joined(separator: "/")
  }

  /// The folder on a path that counts: the one at the depth of the split, or else the first.
  private func folder(on name: String) -> (depth: Int, part: CorpusPart)? {
    let parts = Self.parts(on: name)
    return parts.first { $0.depth == depth } ?? parts.first
  }

  private static func parts(on name: String) -> [(depth: Int, part: CorpusPart)] {
    name.split(separator: "/").dropLast().enumerated().compactMap { depth, folder in
      parts[folder.lowercased()].map { (depth, $0) }
    }
  }
}
