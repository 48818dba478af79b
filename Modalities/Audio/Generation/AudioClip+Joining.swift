import AudioDatasets

extension AudioClip {
  /// Clips one after another, with silence between them.
  ///
  /// - Parameters:
  ///   - clips: at least one, all of one rate and number of channels.
  ///   - gap: seconds of silence between two.
  init(joining clips: [AudioClip], gap: Double) {
    precondition(!clips.isEmpty, "there is nothing to join")
    let silence = [Float](
      repeating: 0, count: Int((gap * Double(clips[0].sampleRate)).rounded()) * clips[0].channels)
    let samples = clips.dropFirst().reduce(into: clips[0].samples) { $0 += silence + $1.samples }
    self.init(samples: samples, channels: clips[0].channels, sampleRate: clips[0].sampleRate)
  }

  /// The root of the mean of squared samples: 0 for silence.
  var rootMeanSquare: Double {
    guard !samples.isEmpty else { return 0 }
    return (samples.reduce(0) { $0 + Double($1) * Double($1) } / Double(samples.count)).squareRoot()
  }
}
