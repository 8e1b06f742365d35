// Eigen without vector instructions, in a namespace of its own: the same bits on every machine. To be the first include of a file,
// in which nothing else may include Eigen.
#pragma once

#define EIGEN_DONT_VECTORIZE
#define Eigen Eigen_portable  // NOLINT(bugprone-macro-parentheses)
#include <Eigen/Dense>
