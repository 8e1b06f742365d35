#include "rockpool/error.h"

#include <charconv>
#include <cmath>

namespace rockpool {

namespace {
std::string sentence(const std::string& name, const std::string& what, const std::string& got) {
  return "expected " + name + " to be " + what + ", received " + got;
}
}  // namespace

std::string to_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char buffer[32];
  const double size = std::fabs(value);
  const bool fixed = size == 0 || (size >= 1e-6 && size < 1e21);
  const auto format = fixed ? std::chars_format::fixed : std::chars_format::scientific;
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr);
  const auto exponent = text.find('e');
  if (exponent != std::string::npos && text[exponent + 2] == '0') text.erase(exponent + 2, 1);
  return text;
}

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
