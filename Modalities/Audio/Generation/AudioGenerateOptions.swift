import ArgumentParser
import AudioDatasets
import ModalityKit

/// The flags of `duel audio generate`, beside those that all media share.
public struct AudioGenerateOptions: ModalitySamplingOptions {
  @Option(help: "How files are written: wav with 16 bits, wav-24, wav-float, flac or ogg.")
  var format = AudioFormat.wav

  @Flag(help: "Write one file with all sounds one after another instead of one file each.")
  var concat = false

  @Flag(help: "Draw the waveform and the spectrogram of each file into a PNG beside it.")
  var pictures = false

  @Option(help: ArgumentHelp("Silence between sounds in one file.", valueName: "seconds"))
  var gap = 0.25

  /// Nothing to choose of how clips are drawn.
  public var sampling: PlainSampling { PlainSampling() }

  /// No flags given.
  public init() {}

  /// Refuses numbers out of range.
  public func validate() throws {
    guard (0...60).contains(gap) else { throw ValidationError("--gap \(gap): expected 0 to 60 seconds") }
  }
}

extension AudioFormat: ExpressibleByArgument {}
