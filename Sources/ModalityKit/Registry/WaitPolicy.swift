import Foundation

/// How idle threads of the engine wait for work.
///
/// libtorch's OpenMP lets threads spin between operators. On a machine that other programs use too, each then waits for
/// threads that the others keep from running: 300 small steps on two busy cores were measured to take more than 60 s,
/// and 18 s with threads that wait passively.
enum WaitPolicy {
  private static let variable = "OMP_WAIT_POLICY"

  /// Starts this process's program anew, under the same process number, with threads that wait passively. OpenMP reads
  /// its environment before `main`, so there is no other moment. Returns where that has been done, where the user has
  /// chosen a policy, or where it is not possible.
  static func restartPassively() {
    #if os(Linux)
      guard getenv(variable) == nil, setenv(variable, "passive", 1) == 0 else { return }
      var words = CommandLine.arguments.map { strdup($0) }
      words.append(nil)
      execv("/proc/self/exe", words)
      words.forEach { free($0) }
    #endif
  }
}
