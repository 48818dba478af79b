import RandomNumbers

/// A block of cubes, some of which are full.
struct VoxelGrid {
  /// A side of a full cube that has no full cube beside it: the cube, its axis and whether the side is the upper one.
  private struct Face {
    var cube: SIMD3<Int32>
    var axis: Int
    var isUpper: Bool
  }

  private var faces: [Face] = []
  /// A number that equal grids share, for drawing from them.
  private(set) var contentSeed: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Finds the exposed faces.
  ///
  /// - Parameters:
  ///   - shape: how many cubes there are along x, y and z.
  ///   - isFull: whether each is full, row-major.
  init(shape: [Int], isFull: [Bool]) {
    let strides = [shape[1] * shape[2], shape[2], 1]
    for x in 0..<shape[0] {
      for y in 0..<shape[1] {
        for z in 0..<shape[2] {
          let cube = [x, y, z]
          let place = x * strides[0] + y * strides[1] + z
          guard isFull[place] else { continue }
          contentSeed = (contentSeed ^ UInt64(place)) &* 0x0000_0100_0000_01b3
          for axis in 0..<3 {
            let center = SIMD3(Int32(x), Int32(y), Int32(z))
            if cube[axis] == 0 || !isFull[place - strides[axis]] {
              faces.append(Face(cube: center, axis: axis, isUpper: false))
            }
            if cube[axis] == shape[axis] - 1 || !isFull[place + strides[axis]] {
              faces.append(Face(cube: center, axis: axis, isUpper: true))
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
    guard !faces.isEmpty else { return nil }
    var random = SplitMix64(seed: seed)
    var coordinates: [Float] = []
    coordinates.reserveCapacity(3 * count)
    for _ in 0..<count {
      let face = faces[Int(random.next().multipliedFullWidth(by: UInt64(faces.count)).high)]
      for axis in 0..<3 {
        let inside = random.unit()
        let share = axis != face.axis ? inside : face.isUpper ? 1 - inside / 2 : inside / 2
        coordinates.append(Float(Double(face.cube[axis]) + share))
      }
    }
    return PointCloud(coordinates)
  }
}
