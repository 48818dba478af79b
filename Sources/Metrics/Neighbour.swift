import Torch

/// The nearest one to a sample, among the samples of some set.
public struct Neighbour: Hashable, Sendable {
  /// Its position in the set; nil where there is none.
  public var place: Int?
  /// How far away it is; infinite where there is none.
  public var distance: Double

  /// Describes a neighbour.
  public init(place: Int?, distance: Double) {
    self.place = place
    self.distance = distance
  }

  /// The nearest ones by a matrix of distances, for each of its rows, the first of equals.
  ///
  /// - Parameters:
  ///   - distances: `[N, M]`.
  ///   - isWithin: whether the columns are the same samples as the rows, none of which is its own neighbour.
  public static func nearest(inRowsOf distances: Tensor, within isWithin: Bool = false) throws -> [Neighbour]
  {
    let (rows, columns) = (distances.shape[0], distances.shape[1])
    let values = try distances.converted(to: .float64).array(of: Double.self)
    return (0..<rows).map { row in
      var nearest = Neighbour(place: nil, distance: .infinity)
      for column in 0..<columns where !(isWithin && column == row) {
        let distance = values[row * columns + column]
        if distance < nearest.distance { nearest = Neighbour(place: column, distance: distance) }
      }
      return nearest
    }
  }
}
