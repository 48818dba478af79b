import Failures
import Synchronization

/// The files of a data set read one by one, without being divided: what a look at data shows before it is trained on.
///
/// A file that cannot be read is no error here, unless there is no other. Nothing is held out, so one file of one sample will do.
public struct FileSurvey<Item: Sendable>: Sendable {
  /// Something that was read.
  public struct Entry: Sendable {
    /// The file's path below the data's folder.
    public let file: String
    /// The path to open it by.
    public let path: String
    /// Its number among the items of the file, from 0.
    public let index: Int
    /// Whether the file has others.
    public let isOneOfSeveral: Bool
    /// Its label; nil without labels.
    public let label: String?
    /// What was read.
    public let item: Item

    /// The file's name, with the number where it has several items: `shapes.npy[3]`.
    public var name: String { isOneOfSeveral ? "\(file)[\(index)]" : file }
  }

  /// The files, those that cannot be read included.
  public let files: DataFiles
  /// What was read, in the order of the files.
  public let entries: [Entry]
  /// Why other files, or items of files, cannot be used, in that order.
  public let faults: [UserError]

  /// Reads each file once, on all cores.
  ///
  /// - Parameters:
  ///   - files: the files, and the labels in their names.
  ///   - read: all items of the file of a path, or why one cannot be used; may be called from several threads at a time.
  ///   - label: the label that stands in the file; it goes before that of the file's name.
  /// - Throws: the first fault, where nothing could be read.
  public init(
    _ files: DataFiles, read: @Sendable (_ path: String) throws -> [Result<Item, UserError>],
    label: (Item) -> String? = { _ in nil }
  ) throws {
    let found = Mutex([[Result<Item, UserError>]](repeating: [], count: files.paths.count))
    Workers.perform(files.paths.count) { number in
      let items: [Result<Item, UserError>]
      do {
        items = try read(files.paths[number])
      } catch {
        items = [.failure(error as? UserError ?? UserError(.inputOutput, "\(files.paths[number]): \(error)"))]
      }
      found.withLock { $0[number] = items }
    }
    var entries: [Entry] = []
    var faults: [UserError] = []
    for (number, items) in found.withLock({ $0 }).enumerated() {
      for (index, result) in items.enumerated() {
        switch result {
        case .failure(let fault): faults.append(fault)
        case .success(let item):
          entries.append(
            Entry(
              file: files.names[number], path: files.paths[number], index: index,
              isOneOfSeveral: items.count > 1, label: label(item) ?? files.labels[number], item: item))
        }
      }
    }
    if entries.isEmpty, let first = faults.first { throw first }
    (self.files, self.entries, self.faults) = (files, entries, faults)
  }
}
