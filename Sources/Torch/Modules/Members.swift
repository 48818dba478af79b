/// What a module consists of, in order: written as a dictionary literal of names and members.
///
/// A member is a `Parameter`, a `Buffer`, a `Module`, a `ModuleGroup`, or nil, which is left out.
public struct Members: ExpressibleByDictionaryLiteral {
  /// One entry of the list.
  enum Member {
    case parameter(Parameter)
    case buffer(Buffer)
    case members(Members)
  }

  /// The entries in registration order.
  private(set) var list: [(name: String, member: Member)] = []

  /// Takes names and members in order.
  ///
  /// - Precondition: names are neither empty nor dotted, and no two are the same.
  public init(dictionaryLiteral elements: (String, (any ModuleMember)?)...) {
    for (name, member) in elements {
      if let member { append(name, member.asMember) }
    }
  }

  mutating func append(_ name: String, _ member: Member) {
    precondition(
      !name.isEmpty && !name.contains("."), "a member's name is neither empty nor dotted: '\(name)'")
    precondition(!list.contains { $0.name == name }, "two members named '\(name)'")
    list.append((name, member))
  }
}

/// What may stand in a module's list of members.
///
/// Conformed to by `Parameter`, `Buffer`, `ModuleGroup` and every `Module`; nothing else needs to.
public protocol ModuleMember {
  /// The entry that this makes.
  var asMember: ModuleMemberEntry { get }
}

/// An entry of a module's list of members, opaque outside the engine.
public struct ModuleMemberEntry {
  let member: Members.Member
}

extension Members {
  fileprivate mutating func append(_ name: String, _ entry: ModuleMemberEntry) { append(name, entry.member) }
}

extension Parameter: ModuleMember {
  /// This parameter as an entry.
  public var asMember: ModuleMemberEntry { ModuleMemberEntry(member: .parameter(self)) }
}

extension Buffer: ModuleMember {
  /// This buffer as an entry.
  public var asMember: ModuleMemberEntry { ModuleMemberEntry(member: .buffer(self)) }
}

extension Module {
  /// This module's members as an entry.
  public var asMember: ModuleMemberEntry { ModuleMemberEntry(member: .members(members)) }
}

/// Modules numbered from 0, as in PyTorch's `ModuleList` and `Sequential`.
public struct ModuleGroup: ModuleMember {
  private let modules: [any Module]

  /// Groups modules in order.
  public init(_ modules: [any Module]) { self.modules = modules }

  /// The modules under their numbers as an entry.
  public var asMember: ModuleMemberEntry {
    var members: Members = [:]
    for (index, module) in modules.enumerated() { members.append(String(index), .members(module.members)) }
    return ModuleMemberEntry(member: .members(members))
  }
}

extension Members {
  /// Parameters and buffers under dotted names, depth first in registration order.
  var leaves: [(name: String, leaf: Member)] {
    list.flatMap { name, member in
      if case .members(let inner) = member {
        inner.leaves.map { ("\(name).\($0.name)", $0.leaf) }
      } else {
        [(name, member)]
      }
    }
  }
}

extension Members.Member {
  var shape: [Int] {
    switch self {
    case .parameter(let parameter): parameter.value.shape
    case .buffer(let buffer): buffer.value.shape
    case .members: []
    }
  }
}
