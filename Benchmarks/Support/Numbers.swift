import Foundation

/// A number to so many decimals.
public func spelled(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)f", value) }

/// The middle of some numbers, nil of none.
public func median(_ values: [Double]?) -> Double? {
  guard let sorted = values?.sorted(), !sorted.isEmpty else { return nil }
  return (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
}
