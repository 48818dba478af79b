import ArgumentParser
import AudioDatasets
import Failures
import Files
import Foundation
import ModalityKit
import Pictures

/// The flags of `duel audio evaluate`, beside those that all media share.
public struct AudioEvaluateOptions: ModalitySamplingOptions {
  @Option(
    help: ArgumentHelp(
      """
      Write a page to listen to into this folder, new or empty: some of the clips that are measured, held-out real ones \
      beside those of each model, with pictures and the table.
      """, valueName: "folder"),
    completion: .directory)
  var listen: String?

  @Option(
    help: ArgumentHelp(
      "Clips of each label, or in all, that --listen plays. (default: 10)", valueName: "count"))
  var listenCount: Int?

  @OptionGroup var phases: AudioSamplingOptions

  /// How phases are found.
  public var sampling: AudioSampling { phases.sampling }

  /// No flags given.
  public init() {}

  /// Refuses a count out of range, or without a page.
  public func validate() throws {
    guard let listenCount else { return }
    guard listen != nil else { throw ValidationError("--listen-count: expected --listen beside it") }
    guard (1...ClipPicture.limit).contains(listenCount) else {
      throw ValidationError("--listen-count \(listenCount): expected 1 to \(ClipPicture.limit)")
    }
  }
}

/// A page of HTML on which clips of an evaluation are heard and seen beside each other: a section for each label, in it a line
/// for each row of the table. It needs no script and nothing from elsewhere.
struct ListeningPage {
  /// Seconds of silence between two clips.
  private static let gap = 0.25

  let rows: [AudioClips]
  let labelNames: [String]
  let sampleRate: Int
  /// Clips of each label.
  let count: Int

  /// Writes `index.html`, and for each row a folder with sound files and pictures.
  ///
  /// - Returns: the page.
  /// - Throws: `UserError` when files cannot be written.
  func write(to folder: URL, title: String, table: String) throws -> URL {
    try SampleFiles.makeFolder(folder)
    let sections = labelNames.isEmpty ? [nil] : labelNames.indices.map(Optional.some)
    var body = ""
    for label in sections {
      if let label { body += "<h2>\(Self.escaped(labelNames[label]))</h2>\n" }
      body += "<table>\n"
      for (number, row) in rows.enumerated() {
        let name = "\(number)-\(SampleFiles.name(of: row.name))"
        let stem = label.map { "\($0)-\(SampleFiles.name(of: labelNames[$0]))" } ?? "clips"
        let cell = try write(row, label: label, to: folder.appendingPathComponent(name), stem: stem)
        body += "<tr><th>\(Self.escaped(row.name))</th>"
        body +=
          cell
          ? Self.players("\(name)/\(stem)", of: row.name, label.map { labelNames[$0] })
          : "<td>none of this label</td><td></td>"
        body += "</tr>\n"
      }
      body += "</table>\n"
    }
    let page = folder.appendingPathComponent("index.html")
    let text = Self.document(title: Self.escaped(title), body: body, table: Self.escaped(table))
    try AtomicFile.write(to: page) { try $0.write(Array(text.utf8)) }
    return page
  }

  /// Writes the first clips of a label in a row one after another, and their picture.
  ///
  /// - Returns: whether there were any.
  private func write(_ row: AudioClips, label: Int?, to folder: URL, stem: String) throws -> Bool {
    let all = Array(0..<row.count)
    let chosen = (label.map { label in all.filter { row.labels?[$0] == label } } ?? all).prefix(count)
    guard !chosen.isEmpty else { return false }
    let clips = try chosen.map {
      AudioClip(
        samples: try row.clips.selected($0).contiguous().array(of: Float.self), channels: 1,
        sampleRate: sampleRate)
    }
    try SampleFiles.makeFolder(folder)
    let file = folder.appendingPathComponent(stem)
    try SoundFile.write(
      AudioClip(joining: clips, gap: Self.gap), to: file.appendingPathExtension("wav"),
      tags: AudioTags(title: row.name, software: "duel \(duelVersion)"))
    try ClipPicture.draw(clips, names: clips.map { _ in "" }).write(to: file.appendingPathExtension("png"))
    return true
  }

  private static func players(_ stem: String, of row: String, _ label: String?) -> String {
    let content = escaped([label, row].compactMap(\.self).joined(separator: ", "))
    let path = stem.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? stem
    return """
      <td><audio controls preload="none" aria-label="\(content)" src="\(path).wav"></audio></td>\
      <td><a href="\(path).png"><img src="\(path).png" alt="waveforms and spectrograms: \(content)" loading="lazy"></a></td>
      """
  }

  private static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: "\"", with: "&quot;")
  }

  private static func document(title: String, body: String, table: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(title)</title>
    <style>
    :root { color-scheme: light dark; }
    body { font: 16px/1.4 sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; }
    th { font-weight: normal; text-align: left; width: 16em; }
    img { height: 6em; }
    pre { font-size: 12px; overflow-x: auto; }
    </style>
    </head>
    <body>
    <h1>\(title)</h1>
    \(body)<h2>Scores</h2>
    <pre>\(table)</pre>
    </body>
    </html>

    """
  }
}
