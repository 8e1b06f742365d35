#include "time_series/elementwise_kernels.h"

#include <cmath>

namespace rockpool::ROCKPOOL_SIMD_NS {

namespace {

struct Add {
  static double of(double a, double b) {
    const double x = a != a && b == b ? 0.0 : a, y = b != b && a == a ? 0.0 : b;
    return x + y;
  }
};
struct Sub {
  static double of(double a, double b) {
    const double x = a != a && b == b ? 0.0 : a, y = b != b && a == a ? 0.0 : b;
    return x - y;
  }
};
struct Mul {
  static double of(double a, double b) { return a * b; }
};
struct Div {
  static double of(double a, double b) { return a / b; }
};
// The largest integer that is not above the exact quotient; a rounded quotient may have stepped over it (1 / 0.1 = 10, yet
// 0.1 goes 9 times into 1).
struct FloorDiv {
  static double of(double a, double b) {
    if (b == 0) return a / b;
    const double rest = std::fmod(a, b);
    double quotient = (a - rest) / b;
    if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1;
    if (quotient == 0) return std::copysign(0.0, a / b);
    const double whole = std::floor(quotient);
    return quotient - whole > 0.5 ? whole + 1 : whole;
  }
};
struct Pow {
  static double of(double a, double b) { return a != a || b != b ? a + b : std::pow(a, b); }
};

struct Eq {
  static bool of(double a, double b) { return a == b; }
};
struct Ne {
  static bool of(double a, double b) { return a != b; }
};
struct Lt {
  static bool of(double a, double b) { return a < b; }
};
struct Le {
  static bool of(double a, double b) { return a <= b; }
};
struct Gt {
  static bool of(double a, double b) { return a > b; }
};
struct Ge {
  static bool of(double a, double b) { return a >= b; }
};

template <typename Op, typename Out>
void loop(const double* a, std::size_t a_step, const double* b, std::size_t b_step, std::size_t n, Out* out) {
  if (a_step == 1 && b_step == 1) {
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<Out>(Op::of(a[i], b[i]));
  } else if (a_step == 1) {
    const double y = *b;
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<Out>(Op::of(a[i], y));
  } else if (b_step == 1) {
    const double x = *a;
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<Out>(Op::of(x, b[i]));
  } else {
    const Out value = n > 0 ? static_cast<Out>(Op::of(*a, *b)) : Out{};
    for (std::size_t i = 0; i < n; ++i) out[i] = value;
  }
}

void apply(BinaryOp op, const double* a, std::size_t a_step, const double* b, std::size_t b_step, std::size_t n, double* out) {
  switch (op) {
    case BinaryOp::kAdd: return loop<Add>(a, a_step, b, b_step, n, out);
    case BinaryOp::kSub: return loop<Sub>(a, a_step, b, b_step, n, out);
    case BinaryOp::kMul: return loop<Mul>(a, a_step, b, b_step, n, out);
    case BinaryOp::kDiv: return loop<Div>(a, a_step, b, b_step, n, out);
    case BinaryOp::kFloorDiv: return loop<FloorDiv>(a, a_step, b, b_step, n, out);
    case BinaryOp::kPow: return loop<Pow>(a, a_step, b, b_step, n, out);
  }
}

void compare(CompareOp op, const double* a, std::size_t a_step, const double* b, std::size_t b_step, std::size_t n,
             std::uint8_t* out) {
  switch (op) {
    case CompareOp::kEq: return loop<Eq>(a, a_step, b, b_step, n, out);
    case CompareOp::kNe: return loop<Ne>(a, a_step, b, b_step, n, out);
    case CompareOp::kLt: return loop<Lt>(a, a_step, b, b_step, n, out);
    case CompareOp::kLe: return loop<Le>(a, a_step, b, b_step, n, out);
    case CompareOp::kGt: return loop<Gt>(a, a_step, b, b_step, n, out);
    case CompareOp::kGe: return loop<Ge>(a, a_step, b, b_step, n, out);
  }
}

}  // namespace

const ElementwiseKernels& elementwise_kernels() {
  static constexpr ElementwiseKernels kernels{apply, compare};
  return kernels;
}

}  // namespace rockpool::ROCKPOOL_SIMD_NS
