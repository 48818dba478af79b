import CCrypto

/// The SHA-256 digest of FIPS 180-4, fed piece by piece, by OpenSSL's libcrypto.
///
/// Checkpoints and data sets carry it so that a damaged or exchanged byte is noticed; it keeps no secrets.
public struct SHA256: ~Copyable {
  private let context: OpaquePointer

  /// Starts the digest of an empty message.
  public init() {
    context = Self.newContext()
    Self.check(EVP_DigestInit_ex(context, EVP_sha256(), nil))
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Appends bytes to the message.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    Self.check(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
  }

  /// Appends the UTF-8 bytes of a text to the message.
  public mutating func update(_ text: String) {
    Array(text.utf8).withUnsafeBytes { update($0) }
  }

  /// The digest of everything appended so far, as 64 lower-case hexadecimal digits.
  public func hexDigest() -> String {
    // Finalising ends a context, and more may be appended to this one.
    let copy = Self.newContext()
    defer { EVP_MD_CTX_free(copy) }
    Self.check(EVP_MD_CTX_copy_ex(copy, context))
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { buffer, count in
      var length: UInt32 = 0
      Self.check(EVP_DigestFinal_ex(copy, buffer.baseAddress, &length))
      count = Int(length)
    }
    return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func newContext() -> OpaquePointer {
    guard let context = EVP_MD_CTX_new() else { fatalError("libcrypto: out of memory") }
    return context
  }

  /// With valid arguments, libcrypto fails only where memory runs out or the system's policy forbids SHA-256.
  private static func check(_ status: Int32) {
    precondition(status == 1, "libcrypto computes no SHA-256 digest")
  }
}
