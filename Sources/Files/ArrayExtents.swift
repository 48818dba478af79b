/// The extents of an array as the header of a file announces them, which may be any numbers.
public enum ArrayExtents {
  /// The bytes of an array.
  ///
  /// Extents of 0 are left out while the product is formed: 0 times anything is 0, and would hide that the others overflow,
  /// which then ends the process where a stride is computed of them. So no product of some of the extents overflows either.
  ///
  /// - Parameters:
  ///   - extents: along the axes.
  ///   - elementSize: bytes of an element, at least 1.
  /// - Returns: nil where an extent is negative, or the product of those that are not 0 does not fit in 63 bits.
  public static func bytes(_ extents: [Int], elementSize: Int) -> Int? {
    var product = elementSize
    for extent in extents {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(1, extent))
      guard extent >= 0, !overflow else { return nil }
      product = next
    }
    return extents.contains(0) ? 0 : product
  }
}
