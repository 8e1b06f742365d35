// Eigen without vector instructions, in a namespace of its own: the same bits on every machine. Nothing else may include Eigen
// in a file that includes this.
#pragma once

#define EIGEN_DONT_VECTORIZE
#define Eigen Eigen_portable  // NOLINT(bugprone-macro-parentheses)
#include <Eigen/Dense>
