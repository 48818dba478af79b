import RandomNumbers

/// A block of cubes, some of which are full.
struct VoxelGrid {
  /// A side of a full cube that has no full cube beside it: the cube, its axis and whether the side is the upper one.
  private struct Face {
    var cube: SIMD3<Int>
    var axis: Int
    var isUpper: Bool
  }

  private let shape: [Int]
  private let isFull: [Bool]
  /// How many exposed faces there are. They are counted and found again instead of kept: a file of one byte a cube
  /// would otherwise ask for two hundred times as much memory.
  private var faceCount = 0
  /// A number that equal grids share, for drawing from them.
  private(set) var contentSeed: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Finds the exposed faces.
  ///
  /// - Parameters:
  ///   - shape: how many cubes there are along x, y and z, at least one.
  ///   - isFull: whether each is full, row-major.
  init(shape: [Int], isFull: [Bool]) {
    (self.shape, self.isFull) = (shape, isFull)
    for place in isFull.indices where isFull[place] {
      contentSeed = (contentSeed ^ UInt64(place)) &* 0x0000_0100_0000_01b3
    }
    var count = 0
    forEachFace { _ in count += 1 }
    faceCount = count
  }

  /// Hands over the exposed faces, always in the same order.
  private func forEachFace(_ body: (Face) -> Void) {
    let strides = [shape[1] * shape[2], shape[2], 1]
    for x in 0..<shape[0] {
      for y in 0..<shape[1] {
        for z in 0..<shape[2] {
          let cube = SIMD3(x, y, z)
          let place = x * strides[0] + y * strides[1] + z
          guard isFull[place] else { continue }
          for axis in 0..<3 {
            if cube[axis] == 0 || !isFull[place - strides[axis]] {
              body(Face(cube: cube, axis: axis, isUpper: false))
            }
            if cube[axis] == shape[axis] - 1 || !isFull[place + strides[axis]] {
              body(Face(cube: cube, axis: axis, isUpper: true))
            }
          }
        }
      }
    }
  }

  /// Points spread evenly over the exposed faces, each moved inwards by up to half a cube, so that the grid's planes
  /// do not show. The unit is a cube.
  ///
  /// - Returns: nil where no cube is full.
  func sampled(_ count: Int, seed: UInt64) -> PointCloud? {
    guard faceCount > 0 else { return nil }
    var random = SplitMix64(seed: seed)
    let draws = (0..<count).map { _ in
      let face = Int(random.next().multipliedFullWidth(by: UInt64(faceCount)).high)
      return (face: face, inside: SIMD3(random.unit(), random.unit(), random.unit()))
    }
    // In the order of the faces, which pass by once.
    let order = draws.indices.sorted { draws[$0].face < draws[$1].face }
    var coordinates = [Float](repeating: 0, count: 3 * count)
    var (number, next) = (0, 0)
    forEachFace { face in
      while next < count, draws[order[next]].face == number {
        let point = order[next]
        for axis in 0..<3 {
          let inside = draws[point].inside[axis]
          let share = axis != face.axis ? inside : face.isUpper ? 1 - inside / 2 : inside / 2
          coordinates[3 * point + axis] = Float(Double(face.cube[axis]) + share)
        }
        next += 1
      }
      number += 1
    }
    return PointCloud(coordinates)
  }
}
