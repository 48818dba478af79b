import AudioDatasets
import Foundation
import Pictures
import Torch

/// Draws a sound: its waveform, and below it its spectrogram, louder being lighter, on the mel scale of pitch.
enum ClipPicture {
  private static let waveHeight = 120
  private static let spectrumHeight = 200
  /// Decibels between the lightest and the darkest colour.
  private static let range: Float = 70

  /// A picture of all channels together.
  static func draw(_ clip: AudioClip) throws -> Picture {
    let mono = try clip.mixed(toChannels: 1).samples
    let width = min(max(mono.count / 64, 256), 2400)
    var picture = Picture(width: width, height: waveHeight + 8 + spectrumHeight)
    drawWave(mono, in: &picture)
    try drawSpectrum(mono, sampleRate: clip.sampleRate, in: &picture)
    return picture
  }

  /// A column shows the range of its samples; the whole height is full scale.
  private static func drawWave(_ samples: [Float], in picture: inout Picture) {
    let middle = waveHeight / 2
    let axis = Colour(grey: 210)
    let ink = ColourMap.viridis[0.35]
    picture.fill(x: 0..<picture.width, y: middle..<middle + 1, with: axis)
    func row(_ value: Float) -> Int {
      min(max(middle - Int((value * Float(middle - 1)).rounded()), 0), waveHeight - 1)
    }
    for column in 0..<picture.width {
      let part = samples[
        column * samples.count / picture.width..<(column + 1) * samples.count / picture.width]
      guard let low = part.min(), let high = part.max(), low != 0 || high != 0 else { continue }
      picture.fill(x: column..<column + 1, y: row(high)..<row(low) + 1, with: ink)
    }
  }

  private static func drawSpectrum(_ samples: [Float], sampleRate: Int, in picture: inout Picture) throws {
    // Frames of about 32 ms, as long as sounds of speech are steady.
    let window = 1 << max(4, Int(Foundation.log2(0.032 * Double(sampleRate)).rounded()))
    let fourier = try ShortTimeFourier(window: window, device: .cpu)
    let power = try fourier.powers(of: Tensor(samples, shape: [1, samples.count])).selected(0)
    let levels = try ((power + 1e-12).log() * (10 / Foundation.log(10))).array(of: Float.self)
    let frames = power.shape[0]
    let loudest = levels.max() ?? 0
    let top = MelScale.mels(of: Double(sampleRate) / 2)
    var table: [Float] = []
    table.reserveCapacity(spectrumHeight * frames)
    for row in 0..<spectrumHeight {
      let hertz = MelScale.hertz(of: top * (1 - (Double(row) + 0.5) / Double(spectrumHeight)))
      let bin = min(Int((hertz / Double(sampleRate) * Double(window)).rounded()), fourier.bins - 1)
      for frame in 0..<frames {
        table.append(max(0, 1 + (levels[frame * fourier.bins + bin] - loudest) / range))
      }
    }
    let start = waveHeight + 8
    picture.show(table, columns: frames, x: 0..<picture.width, y: start..<start + spectrumHeight)
  }
}
