import CPng

/// Facts about libpng, the system library that writes pictures.
public enum PictureLibrary {
  /// The version of the library that was loaded, as in `libpng-1.6.39`.
  public static var version: String { "libpng-" + String(cString: png_get_libpng_ver(nil)) }
}
