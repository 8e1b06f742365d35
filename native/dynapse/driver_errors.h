#pragma once

#include <string>

#include "rockpool/error.h"

namespace rockpool::dynapse {

inline Error device_error(const char* code, const std::string& message) {
  return {ErrorKind::kState, code, message};
}

}  // namespace rockpool::dynapse
