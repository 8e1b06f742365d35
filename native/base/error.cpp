#include "rockpool/error.h"

namespace rockpool {

namespace {
std::string sentence(const std::string& name, const std::string& what, const std::string& got) {
  return "expected " + name + " to be " + what + ", received " + got;
}
}  // namespace

void throw_type(const std::string& name, const std::string& what, const std::string& got) {
  throw Error(ErrorKind::kType, "ERR_TYPE", sentence(name, what, got));
}

void throw_range(const std::string& name, const std::string& what, const std::string& got) {
  throw Error(ErrorKind::kRange, "ERR_VALUE", sentence(name, what, got));
}

void throw_shape(const std::string& name, const std::string& what, const std::string& got) {
  throw Error(ErrorKind::kRange, "ERR_SHAPE", sentence(name, what, got));
}

void throw_cancelled() {
  throw Error(ErrorKind::kState, "ERR_ABORTED", "the operation was aborted");
}

void throw_invariant(const char* expression, const char* file, int line) {
  throw Error(ErrorKind::kState, "ERR_INTERNAL",
              std::string("internal error: ") + expression + " does not hold (" + file + ":" + std::to_string(line) + ")");
}

}  // namespace rockpool
