// The one header that includes libtorch's own. A missing include is fatal, so a compiler that cannot
// find the engine stops at this line with advice instead of failing in every later declaration.
#pragma once

#if !__has_include(<ATen/ATen.h>)
#include "libtorch not found: run 'make setup', or set LIBTORCH to a folder with include/ and lib/"
#endif

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/autograd/autograd.h>
