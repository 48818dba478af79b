import AudioDatasets
import Failures
import Foundation
import ModalityKit

/// Writes a model's clips to files.
struct ClipWriting {
  /// Clips that one file may hold: it is put together in memory.
  static let joinedLimit = 10_000

  let model: TrainedModel<Audio>
  let options: AudioGenerateOptions

  /// Writes the clips of a request, and answers the files.
  ///
  /// - Throws: `UserError`: usage for an unknown label or too many clips for one file; cannot create and I/O for
  ///   files.
  func write(_ request: GenerationRequest) throws -> [URL] {
    let audio = try TrainedAudio(model)
    let labels = try LabelChoice(options.label, labels: audio.format.labels)
    guard let output = request.output else { preconditionFailure("audio is written to files") }
    guard options.concat else {
      let places = try SampleFiles(
        in: output, count: request.count, fileExtension: options.format.fileExtension,
        labels: audio.format.labels)
      var files: [URL] = []
      try audio.sampler.forEach(
        count: request.count, seed: request.seed, labels: labels, truncation: options.truncation
      ) { clip, label in
        let file = places.file(files.count, label: label)
        try write(
          clip, title: file.deletingPathExtension().lastPathComponent, seed: request.seed, to: file)
        files.append(file)
      }
      return files
    }
    guard request.count <= Self.joinedLimit else {
      throw UserError(
        .usage, "--concat: found \(request.count) sounds, expected at most \(Self.joinedLimit) in one file")
    }
    let clips = try audio.sampler.clips(
      count: request.count, seed: request.seed, labels: labels, truncation: options.truncation)
    let file = try joinedFile(output)
    try write(
      AudioClip(joining: clips, gap: options.gap), title: "\(clips.count) sounds", seed: request.seed,
      to: file)
    return [file]
  }

  /// A file of its own when the path has the format's extension, otherwise a file in that folder.
  private func joinedFile(_ output: URL) throws -> URL {
    if output.pathExtension.lowercased() == options.format.fileExtension { return output }
    try SampleFiles.makeFolder(output)
    return output.appendingPathComponent("sounds.\(options.format.fileExtension)")
  }

  private func write(_ clip: AudioClip, title: String, seed: UInt64, to file: URL) throws {
    let tags = AudioTags(
      title: title, software: "duel \(duelVersion)", comment: "seed \(seed), step \(model.step)")
    try SoundFile.write(clip, to: file, format: options.format, tags: tags)
    if options.pictures {
      try ClipPicture.draw(clip).write(to: file.deletingPathExtension().appendingPathExtension("png"))
    }
  }
}
