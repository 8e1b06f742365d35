// The one error type of the core. The glue maps `kind` to TypeError, RangeError or RockpoolError and copies `code`.
#pragma once

#include <stdexcept>
#include <string>
#include <type_traits>

namespace rockpool {

enum class ErrorKind {
  kType,   // a wrong kind of value
  kRange,  // a wrong value, shape or index
  kState,  // everything else: state, structure, file, device, cancelled
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, std::string code, const std::string& message)
      : std::runtime_error(message), kind_(kind), code_(std::move(code)) {}

  ErrorKind kind() const noexcept { return kind_; }
  const std::string& code() const noexcept { return code_; }

 private:
  ErrorKind kind_;
  std::string code_;
};

/// A number as JavaScript writes it, for messages.
std::string to_text(double value);
template <typename T>
requires(std::is_integral_v<T>) std::string to_text(T value) {
  return std::to_string(value);
}

/// `expected NAME to be WHAT, received GOT`: the one sentence form of argument errors.
[[noreturn]] void throw_type(const std::string& name, const std::string& what, const std::string& got);
[[noreturn]] void throw_range(const std::string& name, const std::string& what, const std::string& got);
[[noreturn]] void throw_shape(const std::string& name, const std::string& what, const std::string& got);
/// A long run was asked to stop.
[[noreturn]] void throw_cancelled();
/// A bug in this library: an invariant that the code itself must keep does not hold.
[[noreturn]] void throw_invariant(const char* expression, const char* file, int line);

}  // namespace rockpool

/// An invariant, always on: failing means a bug in us, never in the user's input.
#define ROCKPOOL_INVARIANT(expression) \
  ((expression) ? static_cast<void>(0) : ::rockpool::throw_invariant(#expression, __FILE__, __LINE__))
