/// Curves over the steps of runs that share a scale.
public struct Chart: Encodable, Hashable, Sendable {
  /// What is drawn.
  public var title: String
  /// How to read it; nil where the title says all.
  public var remark: String?
  /// A value to compare with, such as that of guessing; nil for none.
  public var reference: Double?
  /// The curves, in the order of the legend.
  public var curves: [Curve]

  /// Gathers curves under a title.
  public init(title: String, remark: String? = nil, reference: Double? = nil, curves: [Curve]) {
    (self.title, self.remark, self.reference, self.curves) = (title, remark, reference, curves)
  }
}

/// A number over steps.
public struct Curve: Encodable, Hashable, Sendable {
  /// Its name in the legend.
  public var name: String
  /// The steps, ascending.
  public private(set) var steps: [Int]
  /// The value at each step; nil where it is not finite.
  public private(set) var values: [Double?]
  /// The standard error of each value; nil where errors are not known.
  public private(set) var errors: [Double?]?

  /// Points of a curve at most: more cannot be told apart on a screen.
  static let longest = 1000

  /// Makes a curve; of very many points evenly many are left out, never the last.
  ///
  /// - Parameters:
  ///   - name: its name in the legend.
  ///   - steps: the steps, ascending.
  ///   - values: as many numbers.
  ///   - errors: as many standard errors; nil for none.
  public init(name: String, steps: [Int], values: [Double], errors: [Double]? = nil) {
    precondition(steps.count == values.count, "a curve has a value at each step")
    precondition(errors == nil || errors?.count == steps.count, "a curve has an error at each step or none")
    let stride = (steps.count + Self.longest - 1) / Self.longest
    let kept = steps.indices.filter { stride <= 1 || (steps.count - 1 - $0) % stride == 0 }
    func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
    self.name = name
    self.steps = kept.map { steps[$0] }
    self.values = kept.map { finite(values[$0]) }
    self.errors = errors.map { errors in kept.map { finite(errors[$0]) } }
  }
}
