// Generators of weight matrices. All matrices are row-major, [pre, post].
//
// Random numbers: every generator names the streams of its seed that it draws from, and gives each row, column or neuron a
// sequence (a step of the stream) of its own. The same seed gives the same matrix on every machine, dense or sparse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rockpool/csr.h"

namespace rockpool {

/// Sparse matrices have at most this many entries.
inline constexpr std::size_t kMostEntries = std::size_t{1} << 28;

/// Where a generator puts what it makes. Elements that are given twice add up.
class WeightSink {
 public:
  virtual ~WeightSink() = default;
  virtual void add(std::size_t pre, std::size_t post, double value) = 0;
};

/// A row-major matrix, which must be zero before.
class DenseSink final : public WeightSink {
 public:
  DenseSink(std::size_t rows, std::size_t columns, std::span<double> out);
  void add(std::size_t pre, std::size_t post, double value) override { out_[pre * columns_ + post] += value; }

 private:
  std::size_t columns_;
  std::span<double> out_;
};

/// A matrix in compressed rows, with the number of connections behind each entry.
struct SparseWeights {
  std::vector<double> indptr;
  std::vector<std::int32_t> indices;
  std::vector<double> data;
  std::vector<std::int32_t> counts;
};

/// Single connections, to be compressed.
class ConnectionList final : public WeightSink {
 public:
  /// `expected`: connections to make room for. Throws ERR_VALUE when they are more than fit in a sparse matrix.
  ConnectionList(std::size_t rows, std::size_t columns, double expected = 0);
  void add(std::size_t pre, std::size_t post, double value) override;
  std::size_t size() const { return value_.size(); }
  std::span<const double> values() const { return value_; }

  /// Rows in order, columns ascending, connections between the same two neurons added up. Without those whose sum is 0 when
  /// `drop_zeros`.
  SparseWeights compress(bool drop_zeros = false) const;
  /// Of the connections with this value: their numbers, as data.
  SparseWeights count(double value) const;

 private:
  std::size_t rows_, columns_;
  std::vector<std::int32_t> pre_, post_;
  std::vector<double> value_;
};

/// Hands the entries of a matrix on, row by row.
void add_entries(const CsrSpan& matrix, WeightSink& sink);

// ---- dense (random_dense.cpp)

/// Independent normals, rows x columns. Row i is the draw of time step i of the given stream.
void normal_matrix(std::uint64_t seed, std::uint32_t stream, std::size_t columns, double mean, double deviation,
                   std::span<double> out);

/// Independent uniforms on (low, high), numbered through in rows of 2^16: element e is unit e mod 2^16 of step e / 2^16.
void uniform_array(std::uint64_t seed, std::uint32_t stream, double low, double high, std::span<double> out);

/// Makes a square matrix excitatory in the first `num_exc` rows and inhibitory in the others: elements of the other sign become
/// 0, then the columns of each part are scaled to the sums 1 and -|ratio|. A column of a part without any element of its sign
/// is left zero, or drawn again (stream 1: excitatory part, 2: inhibitory; column j is step j). Returns how many were left
/// zero.
std::size_t balance_ei(std::span<double> matrix, std::size_t num_exc, std::size_t num_inh, double ratio, bool redraw,
                       std::uint64_t seed);

struct WilsonCowan {
  std::size_t nodes = 0;
  double self_exc = 1, self_inh = 1, exc_sigma = 1, inh_sigma = 1;
};

/// 2N x 2N from four N x N matrices of draws, each [post, pre]: excitatory to excitatory, excitatory to inhibitory, inhibitory
/// to excitatory, inhibitory to inhibitory. Returns the number of rows of blocks that have nothing to scale and are left zero.
std::size_t wilson_cowan(const WilsonCowan& model, std::span<const double> draws, std::span<double> out);

/// [[0, ff], [0, rec]] of ff (m x n) and rec (n x n).
void combine_ff_rec(std::span<const double> ff, std::span<const double> rec, std::size_t m, std::size_t n,
                    std::span<double> out);
SparseWeights combine_ff_rec(const CsrSpan& ff, const CsrSpan& rec);

struct DiscretiseOptions {
  double connections = 3;  // of the strongest weight of each sign
  double inputs = -1;      // connections kept for each column: half of them of each sign; negative: all
  double outputs = -1;     // for each row
};

/// Weights as multiples of one base weight for each sign.
void discretise(std::span<const double> weights, std::size_t columns, const DiscretiseOptions& options, std::span<double> out,
                std::span<std::int32_t> counts);

/// Multiplies every element.
void scale(std::span<double> array, double factor);

// ---- sparse (random_sparse.cpp)

struct SparseEi {
  std::uint64_t seed = 0;
  std::size_t size = 0;
  std::uint64_t entries = 0;             // elements that are set
  std::uint64_t negative = 0;            // the first of them are inhibitory, or
  std::size_t first_inhibitory_row = 0;  // the rows from this one on
  double scale_inh = 1;
  std::span<const double> values;  // of the elements; empty: uniform on (0, 1)
};

/// Elements at random places. Stream 0: values; stream 1: places (Fisher-Yates over all of them).
void sparse_ei(const SparseEi& options, WeightSink& sink);

/// Each row has `connections` elements at random places, of normal values. Row i is step i; stream 0: places; 1: values.
void normal_rows(std::uint64_t seed, std::size_t size, std::size_t connections, double mean, double deviation,
                 WeightSink& sink);

/// Partitions of neurons: each neuron has sources within its own and in the others.
struct Partitions {
  std::uint64_t seed = 0;
  std::span<const std::int32_t> sizes;
  std::size_t inside = 0, between = 0;
  bool allow_self = true;
};

/// Sources of neuron j: `sources[indptr[j]] .. sources[indptr[j + 1] - 1]`, first those inside, as they were drawn.
struct PartitionSources {
  std::vector<double> indptr;
  std::vector<std::int32_t> sources;
};

/// Neuron j is step j; stream 0: sources inside; 1: sources in other partitions. Where fewer exist, all are taken.
PartitionSources partition_network(const Partitions& options, WeightSink& sink);

// ---- topographic (topographic.cpp, neighbours.cpp). `seed` and `stream`: neuron j is step j of that stream.

/// 1 where |pre - post| <= reach; not on the diagonal unless asked for.
void neighbours_1d(std::size_t size, std::size_t reach, bool diagonal, WeightSink& sink);

struct Sheet {
  std::size_t size = 0, rows = 0, columns = 0;  // neuron k sits at (k / columns, k mod columns)
  std::size_t neighbours = 0;                   // presynaptic connections of each neuron
  double width_rows = 1, width_columns = 1;     // of the Gaussian
  bool multiple = true;                         // the same partner more than once
  bool torus = false;                           // distances around the edges
};

/// Presynaptic partners by distance: P ~ exp(-((dx / wx)^2 + (dy / wy)^2)), not the neuron itself.
void neighbours_2d(std::uint64_t seed, std::uint32_t stream, const Sheet& sheet, std::size_t offset, WeightSink& sink);

/// Adds `number` presynaptic partners of any distance to each column of a square matrix; `sink` takes them. `taken`: only
/// partners that have no element yet (of the dense matrix, or the compressed one).
struct LongRange {
  std::size_t size = 0, number = 0, offset = 0;
  bool multiple = true;
  std::span<const double> taken_dense = {};
  const CsrSpan* taken_sparse = nullptr;
};
void long_range(std::uint64_t seed, std::uint32_t stream, const LongRange& options, WeightSink& sink);

/// Connections of `value` from `number` random ones of `sources` neurons to each of the receivers.
struct Projection {
  std::size_t sources = 0, receivers = 0, number = 0;
  std::size_t source_offset = 0, receiver_offset = 0;
  double value = 1;
  bool multiple = true;      // a source more than once
  bool random_sign = false;  // plus or minus the value
};
void project(std::uint64_t seed, std::uint32_t stream, const Projection& p, std::span<const std::int32_t> chosen,
             WeightSink& sink);

/// `number` of 0 .. population - 1, ascending.
std::vector<std::int32_t> choose(std::uint64_t seed, std::uint32_t stream, std::size_t population, std::size_t number);

/// Neuron k + 1 to neuron k, the first to the last.
void ring(std::size_t size, std::size_t offset, WeightSink& sink);

/// Inputs, a sheet of excitatory neurons and a pool of inhibitory ones, in this order. Stream 0: inputs to the sheet; 1:
/// neighbours on the sheet; 2: long range; 3: sheet to pool; 4: pool to sheet; 5: which neurons of the sheet receive inputs.
struct PartitionedSheet {
  std::uint64_t seed = 0;
  std::size_t inputs = 0, inhibitory = 0;  // neurons
  Sheet sheet;
  std::size_t input_receivers = 0;  // the first ones, or random ones
  bool random_receivers = false;
  std::size_t input_number = 0, long_number = 0, to_pool_number = 0, from_pool_number = 0;  // connections of each neuron
};
void partitioned_sheet(const PartitionedSheet& options, WeightSink& sink);

// ---- hardware (hardware.cpp)

/// Weights to choose from; without probabilities all are equally likely.
struct WeightChoice {
  std::span<const double> values;
  std::span<const double> cumulative;  // ascending, the last one 1
};

struct Conform {
  std::uint64_t seed = 0;
  std::size_t rows = 0, columns = 0;
  std::size_t excitatory = 0, inhibitory = 0;  // inputs of each neuron
  std::uint64_t max_outputs = 0;
  WeightChoice exc, inh;
};

/// Inputs for each column within the limit of outputs of each row. Columns in random order (stream 0); column j is step j of
/// stream 1: weights, their order, rows. A column takes what is left when fewer outputs are.
void conform(const Conform& options, WeightSink& sink);

/// Sums of the counts of each column.
void column_counts(std::span<const std::int32_t> indices, std::span<const std::int32_t> counts, std::span<std::int32_t> sums);

/// Places that are left of `limit` at each neuron, at most `most` of them; returns their sum.
std::uint64_t free_places(std::span<const std::int32_t> sums, std::uint64_t limit, std::uint64_t most,
                          std::span<std::int32_t> free);

struct InputWeights {
  std::uint64_t seed = 0;
  std::size_t channels = 0;
  std::uint64_t excitatory = 0, inhibitory = 0;
  std::span<const std::int32_t> free;  // places of each neuron
  WeightChoice exc, inh;
};

/// Inputs on free places, from random channels. Stream 2: weights; 3: places; 4: channels.
void input_weights(const InputWeights& options, WeightSink& sink);

// ---- spectra (spectrum.cpp, krylov.cpp)

/// Largest magnitude of the eigenvalues of an n x n matrix of finite numbers; 0 for an empty one.
double spectral_radius(std::span<const double> matrix, std::size_t n);

/// All eigenvalues of an n x n matrix of finite numbers, ordered by falling real part, of pairs the one above the real axis
/// first.
void eigenvalues(std::span<const double> matrix, std::size_t n, std::span<double> real, std::span<double> imaginary);

/// What an iteration found.
struct RadiusEstimate {
  double radius = 0;
  double residual = 0;  // |A x - lambda x| / (|lambda| |x|); 0 for radius 0
  std::uint64_t products = 0;
  bool converged = true;
};

struct RadiusOptions {
  double tolerance = 1e-10;
  std::uint64_t max_products = 5000;
};

/// The same by restarted Arnoldi iteration (Krylov-Schur), which finds complex pairs too.
RadiusEstimate krylov_radius(const CsrSpan& matrix, const RadiusOptions& options);
RadiusEstimate krylov_radius(std::span<const double> matrix, std::size_t n, const RadiusOptions& options);

/// The largest singular value, by the same iteration.
RadiusEstimate largest_singular_value(const CsrSpan& matrix, const RadiusOptions& options);

struct WipeOptions {
  std::span<const std::int32_t> inhibitory;
  double inh_tau_factor = 1;
  double scale = 1;
};

/// Removes the modes of the Jacobian in which all units move the same way; returns how many. `weights` and `jacobian` are n x
/// n.
std::size_t wipe_non_switching(std::span<const double> matrix, std::size_t n, const WipeOptions& options,
                               std::span<double> weights, std::span<double> jacobian);

}  // namespace rockpool
