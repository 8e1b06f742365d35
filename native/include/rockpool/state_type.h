// Number types that digital neurons keep their state in. A state is carried in double precision; a cast saturates it at the
// limits of its type and rounds it to what the type holds: integers toward zero, single and half precision to the nearest.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "rockpool/error.h"

namespace rockpool {

/// The names are those of NumPy. 64-bit integers are exact up to 2^53.
enum class StateType : int {
  kFloat64 = 0,
  kFloat32,
  kFloat16,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
};

inline constexpr std::uint64_t kStateTypes = 11;

struct StateRange {
  double low;
  double high;
  bool integer;
};

inline StateRange range_of(StateType type) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  constexpr double kSingle = std::numeric_limits<float>::max();
  switch (type) {
    case StateType::kFloat64: return {-kLargest, kLargest, false};
    case StateType::kFloat32: return {-kSingle, kSingle, false};
    case StateType::kFloat16: return {-65504.0, 65504.0, false};
    case StateType::kInt8: return {-128.0, 127.0, true};
    case StateType::kInt16: return {-32768.0, 32767.0, true};
    case StateType::kInt32: return {-2147483648.0, 2147483647.0, true};
    case StateType::kInt64: return {-9223372036854775808.0, 9223372036854774784.0, true};
    case StateType::kUint8: return {0.0, 255.0, true};
    case StateType::kUint16: return {0.0, 65535.0, true};
    case StateType::kUint32: return {0.0, 4294967295.0, true};
    case StateType::kUint64: return {0.0, 18446744073709549568.0, true};
  }
  throw_range("state_type", "one of the types", std::to_string(static_cast<int>(type)));
}

/// The nearest number of half precision, ties to even, of one within its range.
inline double round_to_half(double x) {
  constexpr int kDigits = 11, kSmallestExponent = -13;  // of frexp: 2^-14 is the smallest normal number
  int exponent = 0;
  std::frexp(x, &exponent);
  const double unit = std::ldexp(1.0, std::max(exponent, kSmallestExponent) - kDigits);
  return std::nearbyint(x / unit) * unit;
}

class StateCast {
 public:
  explicit StateCast(StateType type) : type_(type), range_(range_of(type)) {}

  StateType type() const { return type_; }
  const StateRange& range() const { return range_; }

  double operator()(double x) const {
    const double y = std::min(std::max(x, range_.low), range_.high);
    if (range_.integer) return std::trunc(y) + 0.0;  // no -0
    if (type_ == StateType::kFloat32) return static_cast<double>(static_cast<float>(y));
    return type_ == StateType::kFloat16 ? round_to_half(y) : y;
  }

 private:
  StateType type_;
  StateRange range_;
};

}  // namespace rockpool
