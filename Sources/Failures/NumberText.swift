import Foundation

/// A number in at most four digits, for people: 0.693, 12.5, 1.2e-5.
package func shortened(_ value: Double) -> String {
  let size = abs(value)
  if !value.isFinite { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
  if size >= 99_999.5 || (size > 1e-300 && size < 0.0005) {
    let exponent = Int(log10(size).rounded(.down))
    let mantissa = (value / pow(10, Double(exponent)) * 10).rounded() / 10
    return abs(mantissa) >= 10 ? "\(mantissa / 10)e\(exponent + 1)" : "\(mantissa)e\(exponent)"
  }
  let places = size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3
  return fixed(value, places: places)
}

/// A number with a fixed count of decimal places, without any locale.
package func fixed(_ value: Double, places: Int) -> String {
  let scale = pow(10, Double(places))
  let units = Int((abs(value) * scale).rounded())
  let sign = value < 0 && units > 0 ? "-" : ""
  guard places > 0 else { return sign + String(units) }
  let fraction = String(units % Int(scale))
  return "\(sign)\(units / Int(scale))." + String(repeating: "0", count: places - fraction.count) + fraction
}
