/// What a module consists of, in order: written as a dictionary literal of names and members.
///
/// A member is a `Parameter`, a `Buffer`, a `Module`, a `ModuleGroup`, a list of members, or nil, which is left out.
public struct Members: ExpressibleByDictionaryLiteral {
  /// One entry of the list.
  enum Member {
    case parameter(Parameter)
    case buffer(Buffer)
    /// A list inside the list, and the module that it is of, if any.
    case members(Members, of: (any Module)?)
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

  /// Takes modules in order, under the names `0`, `1` and so on.
  init(numbering modules: [any Module]) {
    for (index, module) in modules.enumerated() { append(String(index), module.asMember) }
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
/// Conformed to by `Parameter`, `Buffer`, `ModuleGroup`, `Members` and every `Module`; nothing else needs to.
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
  public var asMember: ModuleMemberEntry { ModuleMemberEntry(member: .members(members, of: self)) }
}

extension Members: ModuleMember {
  /// This list as an entry, for names with dots that no module stands behind.
  public var asMember: ModuleMemberEntry { ModuleMemberEntry(member: .members(self, of: nil)) }
}

/// Modules numbered from 0, as in PyTorch's `ModuleList` and `Sequential`.
public struct ModuleGroup: ModuleMember {
  private let modules: [any Module]

  /// Groups modules in order.
  public init(_ modules: [any Module]) { self.modules = modules }

  /// The modules under their numbers as an entry.
  public var asMember: ModuleMemberEntry { Members(numbering: modules).asMember }
}

extension Members {
  /// Parameters and buffers under dotted names, depth first in registration order.
  var leaves: [(name: String, leaf: Member)] {
    list.flatMap { name, member in
      if case .members(let inner, _) = member {
        inner.leaves.map { ("\(name).\($0.name)", $0.leaf) }
      } else {
        [(name, member)]
      }
    }
  }

  /// The modules in the list and below them, depth first, each before its parts.
  var modules: [any Module] {
    list.flatMap { _, member -> [any Module] in
      guard case .members(let inner, let module) = member else { return [] }
      return (module.map { [$0] } ?? []) + inner.modules
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
