import Foundation

/// A chair of random proportions.
struct Chair {
  private enum Base: CaseIterable { case straight, splayed, round, column, star, runners }
  private enum Back: CaseIterable { case panel, slats, rungs, frame, curved }
  private enum Arms: CaseIterable { case posts, panels }

  private(set) var mesh = Mesh()
  private let width: Float
  private let depth: Float
  /// The height of the seat's upper side.
  private let seat: Float
  private let thickness: Float

  init(_ dice: inout Dice) {
    width = dice.number(0.38...0.62)
    depth = dice.number(0.38...0.56)
    seat = dice.number(0.36...0.52)
    thickness = dice.number(0.03...0.1)
    let isRound = dice.happens(0.15)
    if isRound {
      let radius = min(width, depth) / 2
      mesh.addTurned([(radius, seat - thickness), (radius, seat)])
    } else {
      mesh.addBox(x: -depth / 2...depth / 2, y: -width / 2...width / 2, z: seat - thickness...seat)
    }
    addBase(&dice, inset: isRound ? 0.75 : 1)
    addBack(&dice)
    if !isRound, dice.happens(0.5) { addArms(&dice) }
  }

  private mutating func addBase(_ dice: inout Dice, inset: Float) {
    let leg = dice.number(0.025...0.06)
    let under = seat - thickness
    let (x, y) = ((depth - leg) / 2 * inset, (width - leg) / 2 * inset)
    let base = dice.one(of: Base.self)
    let spread = dice.number(1.08...1.35)
    let corners = [Vector(x, y, 0), Vector(x, -y, 0), Vector(-x, -y, 0), Vector(-x, y, 0)]
    switch base {
    case .straight, .splayed, .round:
      for corner in corners {
        let top = corner + Vector(0, 0, under)
        let foot = base == .splayed ? corner * spread : corner
        if base == .straight {
          mesh.addBar(from: foot, to: top, width: leg, depth: leg)
        } else {
          mesh.addRod(from: foot, to: top, radius: leg * 0.35, endRadius: leg * 0.6)
        }
      }
      if base != .splayed, dice.happens(0.4) {
        let height = dice.number(0.2...0.5) * under
        for side in [y, -y] {
          mesh.addBar(
            from: Vector(x, side, height), to: Vector(-x, side, height), width: leg / 2, depth: leg / 2)
        }
        mesh.addBar(from: Vector(0, y, height), to: Vector(0, -y, height), width: leg / 2, depth: leg / 2)
      }
    case .column:
      let foot = dice.number(0.16...0.26)
      mesh.addTurned([(foot, 0), (foot, 0.015), (leg * 0.7, 0.05), (leg * 0.7, under)])
    case .star:
      let reach = dice.number(0.24...0.34)
      mesh.addRod(from: Vector(0, 0, 0.08), to: Vector(0, 0, under), radius: leg * 0.6)
      for arm in 0..<5 {
        let angle = 2 * Float.pi * Float(arm) / 5
        let end = Vector(reach * cos(angle), reach * sin(angle), 0.04)
        mesh.addBar(from: Vector(0, 0, 0.09), to: end, width: 0.05, depth: 0.03)
        mesh.addRod(from: end - Vector(0, 0, 0.04), to: end, radius: 0.025)
      }
    case .runners:
      for side in [y, -y] {
        for end in [x, -x] {
          mesh.addBar(from: Vector(end, side, leg), to: Vector(end, side, under), width: leg, depth: leg)
        }
        mesh.addBar(
          from: Vector(-x - leg / 2, side, leg / 2), to: Vector(x + leg / 2, side, leg / 2), width: leg,
          depth: leg)
      }
    }
  }

  private mutating func addBack(_ dice: inout Dice) {
    let height = dice.number(0.32...0.66)
    let lean = dice.number(0...0.22) * height
    let plate = dice.number(0.02...0.06)
    let back = -depth / 2 + plate / 2
    let post = dice.number(0.025...0.05)
    let edge = (width - post) / 2
    func place(_ share: Float, _ side: Float) -> Vector {
      Vector(back - lean * share, side, seat + height * share)
    }
    func addPosts() {
      for side in [edge, -edge] {
        mesh.addBar(from: place(0, side), to: place(1, side), width: post, depth: post)
      }
    }
    func addRung(_ share: Float, _ size: Float) {
      mesh.addBar(from: place(share, edge), to: place(share, -edge), width: plate * 0.7, depth: size)
    }
    switch dice.one(of: Back.self) {
    case .panel:
      let gap = dice.happens(0.3) ? dice.number(0.1...0.35) : 0
      mesh.addBar(from: place(gap, 0), to: place(1, 0), width: width, depth: plate)
      if gap > 0 {
        for side in [edge * 0.8, -edge * 0.8] {
          mesh.addBar(from: place(0, side), to: place(gap, side), width: post, depth: plate * 0.7)
        }
      }
    case .slats:
      addPosts()
      addRung(0.96, height * 0.1)
      let count = Int(dice.number(3...7))
      for slat in 1...count {
        let side = edge * (2 * Float(slat) / Float(count + 1) - 1)
        mesh.addBar(from: place(0, side), to: place(0.92, side), width: post * 0.8, depth: plate * 0.5)
      }
    case .rungs:
      addPosts()
      let count = Int(dice.number(2...5))
      for rung in 1...count { addRung(Float(rung) / Float(count), height * 0.35 / Float(count)) }
    case .frame:
      addPosts()
      addRung(0.95, height * 0.1)
      addRung(0.3, height * 0.08)
      if dice.happens(0.5) {
        mesh.addBar(from: place(0.33, 0), to: place(0.91, 0), width: width * 0.3, depth: plate * 0.5)
      }
    case .curved:
      let bulge = dice.number(0.05...0.16)
      let bow = (0...12).map { step -> Vector in
        let side = Float(step) / 6 - 1
        return Vector(back + bulge * side * side, side * width / 2, seat)
      }
      let outline = bow + bow.reversed().map { $0 - Vector(plate, 0, 0) }
      // A bent strip is not convex, so its two ends are left open.
      mesh.addLoft([outline, outline.map { $0 + Vector(-lean, 0, height) }], isClosed: false)
    }
  }

  private mutating func addArms(_ dice: inout Dice) {
    let arms = dice.one(of: Arms.self)
    let rest = dice.number(0.03...0.08)
    let height = dice.number(0.16...0.26)
    let reach = depth * dice.number(0.3...0.5)
    for side in [width / 2, -width / 2] {
      let y = side > 0 ? side...side + rest : side - rest...side
      if arms == .panels {
        mesh.addBox(x: -depth / 2...reach, y: y, z: seat - thickness...seat + height)
      } else {
        mesh.addBox(x: -depth / 2...reach, y: y, z: seat + height - 0.03...seat + height)
        let middle = (y.lowerBound + y.upperBound) / 2
        mesh.addBar(
          from: Vector(reach - 0.03, middle, seat - thickness),
          to: Vector(reach - 0.03, middle, seat + height - 0.03), width: rest * 0.7, depth: 0.03)
      }
    }
  }
}
