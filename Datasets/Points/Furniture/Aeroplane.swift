import Foundation

/// An aeroplane of random proportions, about ten metres long.
struct Aeroplane {
  private enum Model: CaseIterable { case airliner, jet, propeller, glider }
  private enum Tail: CaseIterable { case low, high, vee }

  private(set) var mesh = Mesh()
  private let length: Float
  private let radius: Float

  init(_ dice: inout Dice) {
    let model = dice.one(of: Model.self)
    length = dice.number(8...11)
    switch model {
    case .airliner: radius = length * dice.number(0.05...0.075)
    case .jet: radius = length * dice.number(0.05...0.08)
    case .propeller: radius = length * dice.number(0.06...0.09)
    case .glider: radius = length * dice.number(0.035...0.05)
    }
    addFuselage(&dice)
    let wing = addWings(&dice, model)
    addTail(&dice)
    addEngines(&dice, model, wing: wing)
  }

  /// The nose is at half the length in front, the tail at half of it behind.
  private mutating func addFuselage(_ dice: inout Dice) {
    let (nose, tail) = (dice.number(0.1...0.2), dice.number(0.25...0.4))
    let (bluntness, end) = (dice.number(0.4...0.6), dice.number(0.1...0.25))
    let profile = (0...20).map { step -> (radius: Float, place: Float) in
      let share = Float(step) / 20
      let front = min(1, pow(share / nose, bluntness))
      let back = share > 1 - tail ? end + (1 - end) * (1 - share) / tail : 1
      return (max(0.01, radius * front * back), length * (0.5 - share))
    }
    mesh.addTurned(profile, toward: Vector(1, 0, 0))
  }

  /// The trapezoid of one wing, tail plane or fin, with a thickness that gets less towards its tip.
  private mutating func addFoil(
    root: Vector, chord: Float, tip: Vector, tipChord: Float, thickness: Float
  ) {
    let normal = (tip - root).cross(Vector(1, 0, 0)).unit
    func section(_ leading: Vector, _ chord: Float, _ thickness: Float) -> [Vector] {
      [
        leading, leading - Vector(chord * 0.35, 0, 0) + normal * (thickness / 2),
        leading - Vector(chord, 0, 0), leading - Vector(chord * 0.35, 0, 0) - normal * (thickness / 2),
      ]
    }
    mesh.addLoft([section(root, chord, thickness), section(tip, tipChord, thickness * 0.5)])
  }

  /// Where wings begin and end, for engines.
  private struct Wing {
    var root: Vector
    var tip: Vector
  }

  private mutating func addWings(_ dice: inout Dice, _ model: Model) -> Wing {
    let chord: Float
    let span: Float
    let sweep: Float
    let taper: Float
    switch model {
    case .airliner:
      (chord, span) = (length * dice.number(0.16...0.22), length * dice.number(0.42...0.55))
      (sweep, taper) = (dice.number(0.35...0.7), dice.number(0.2...0.4))
    case .jet:
      (chord, span) = (length * dice.number(0.3...0.48), length * dice.number(0.22...0.36))
      (sweep, taper) = (dice.number(0.8...1.3), dice.number(0.08...0.3))
    case .propeller:
      (chord, span) = (length * dice.number(0.16...0.22), length * dice.number(0.45...0.65))
      (sweep, taper) = (dice.number(0...0.12), dice.number(0.5...1))
    case .glider:
      (chord, span) = (length * dice.number(0.08...0.12), length * dice.number(0.8...1.1))
      (sweep, taper) = (dice.number(0...0.1), dice.number(0.3...0.6))
    }
    let isHigh = dice.happens(model == .propeller ? 0.6 : 0.25)
    let level = radius * (isHigh ? 0.75 : -0.5)
    let rise = span * dice.number(0...0.12)
    let front = length * dice.number(0.08...0.18)
    let wing = Wing(
      root: Vector(front, radius * 0.5, level), tip: Vector(front - sweep * span, span, level + rise))
    for side: Float in [1, -1] {
      let mirror = Vector(1, side, 1)
      addFoil(
        root: wing.root * mirror, chord: chord, tip: wing.tip * mirror, tipChord: chord * taper,
        thickness: chord * 0.14)
    }
    return wing
  }

  private mutating func addTail(_ dice: inout Dice) {
    let tail = dice.one(of: Tail.self)
    let chord = length * dice.number(0.09...0.14)
    let span = length * dice.number(0.13...0.2)
    let height = length * dice.number(0.11...0.18)
    let sweep = dice.number(0.2...0.8)
    let place = -length / 2 + chord * 1.2
    if tail != .vee {
      addFoil(
        root: Vector(place, 0, radius * 0.3), chord: chord * 1.15,
        tip: Vector(place - sweep * height, 0, height),
        tipChord: chord * 0.6, thickness: chord * 0.12)
    }
    for side: Float in [1, -1] {
      let level = tail == .high ? height : radius * 0.3
      let start = tail == .high ? place - sweep * height : place
      let rise = tail == .vee ? span * 0.8 : 0
      addFoil(
        root: Vector(start, side * radius * 0.1, level), chord: chord * (tail == .high ? 0.7 : 1),
        tip: Vector(start - sweep * span * 0.7, side * span, level + rise), tipChord: chord * 0.5,
        thickness: chord * 0.1)
    }
  }

  private mutating func addEngines(_ dice: inout Dice, _ model: Model, wing: Wing) {
    switch model {
    case .airliner:
      let (size, isRear) = (radius * dice.number(0.4...0.6), dice.happens(0.25))
      let places: [Float] = isRear ? [] : dice.happens(0.35) ? [0.3, 0.6] : [0.35]
      for side: Float in [1, -1] {
        for place in places {
          let hung = wing.root + (wing.tip - wing.root) * place
          let middle = Vector(hung.x + size, hung.y * side, hung.z - size * 1.3)
          mesh.addTurned(
            [(size * 0.8, -size * 2.2), (size, 0), (size * 0.9, size * 1.4)], from: middle,
            toward: Vector(1, 0, 0))
        }
        if isRear {
          let middle = Vector(-length * 0.3, side * (radius + size), radius * 0.4)
          mesh.addTurned(
            [(size * 0.7, -size * 2), (size, 0), (size * 0.9, size * 2)], from: middle,
            toward: Vector(1, 0, 0))
        }
      }
    case .jet:
      for side: Float in dice.happens(0.5) ? [0.55, -0.55] : [0] {
        mesh.addTurned(
          [(radius * 0.5, 0), (radius * 0.45, radius * 1.2)], from: Vector(-length / 2, side * radius, 0),
          toward: Vector(-1, 0, 0), isClosed: false)
      }
    case .propeller:
      let blade = radius * dice.number(1.4...2)
      let nose = length / 2 + radius * 0.1
      mesh.addTurned(
        [(radius * 0.3, -radius * 0.2), (radius * 0.05, radius * 0.3)], from: Vector(nose, 0, 0),
        toward: Vector(1, 0, 0))
      for side: Float in [1, -1] {
        mesh.addBox(
          x: nose - 0.03...nose + 0.03, y: -radius * 0.1...radius * 0.1,
          z: side > 0 ? radius * 0.2...blade : -blade...(-radius * 0.2))
      }
    case .glider: break
    }
  }
}
