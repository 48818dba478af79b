/* libtorch has no C headers of its own: this module only carries the flags of its pkg-config file. */
