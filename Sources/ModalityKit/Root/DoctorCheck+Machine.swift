import Files
import Foundation
import Torch

extension DoctorCheck {
  /// libtorch loads and computes what it should.
  static let engine = DoctorCheck("engine") {
    let values = try Tensor.ones([64, 64]).matmul(Tensor.ones([64, 64])).sum().item()
    let name = "libtorch \(Engine.version), \(Engine.cpuCapability) kernels"
    guard values == 64 * 64 * 64 else { return .failed("\(name): a product of ones gave \(values)") }
    return .ok(name)
  }

  /// How many threads an operator uses.
  static let threads = DoctorCheck("threads") {
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let text = "\(Engine.threads) for \(processors) processors"
    return Engine.threads <= processors ? .ok(text) : .warning("\(text): more than there are are slower")
  }

  /// Which devices there are, each tried out.
  static let devices = DoctorCheck("devices") {
    let present = Device.available
    for device in present { _ = try Tensor.ones([8, 8], device: device).sum().item() }
    let names = present.map(\.description).joined(separator: ", ")
    return .ok(present.count > 1 ? names : "\(names) (no GPU that this libtorch can use)")
  }

  /// A folder takes new files.
  static func writing(to folder: URL) -> DoctorCheck {
    DoctorCheck("writing") {
      // The folder may be made by a run only; then the first of its parents that exists has to take it.
      let place = nearestExisting(folder)
      let file = place.appendingPathComponent(".duel-doctor-\(ProcessInfo.processInfo.processIdentifier)")
      defer { try? FileManager.default.removeItem(at: file) }
      try AtomicFile.write("a look at the disk\n", to: file)
      return .ok("\(place.path) takes new files")
    }
  }

  /// The disk below a folder has room for runs.
  static func space(in folder: URL) -> DoctorCheck {
    DoctorCheck("space") {
      let place = nearestExisting(folder)
      var status = statvfs()
      guard statvfs(place.path, &status) == 0 else {
        return .warning("\(place.path): cannot tell the free space: \(reason(errno))")
      }
      let free = Double(status.f_bavail) * Double(status.f_frsize) / 1e9
      let text = "\(free < 10 ? String(format: "%.1f", free) : String(Int(free))) GB free in \(place.path)"
      if free < 0.1 { return .failed("\(text), a run takes tens of megabytes") }
      return free < 1 ? .warning(text) : .ok(text)
    }
  }

  private static func nearestExisting(_ folder: URL) -> URL {
    var place = folder.standardizedFileURL
    while !FileManager.default.fileExists(atPath: place.path), place.path != "/" {
      place.deleteLastPathComponent()
    }
    return place
  }
}
