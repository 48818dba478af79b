import Foundation

/// The mel scale of pitch in HTK's form (O'Shaughnessy, 1987): `2595 log10(1 + f / 700)`.
enum MelScale {
  /// Mels of a frequency in hertz.
  static func mels(of hertz: Double) -> Double { 2595 * log10(1 + hertz / 700) }
  /// The frequency in hertz of so many mels.
  static func hertz(of mels: Double) -> Double { 700 * (pow(10, mels / 2595) - 1) }
}
