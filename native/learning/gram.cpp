#include "learning/gram.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "rockpool/thread_pool.h"

namespace rockpool {

namespace {
constexpr std::size_t kDepth = 256;       // rows of a block: a 24-column panel of them is 48 KiB, an 8-column slice 16 KiB
constexpr std::size_t kGroup = 8;         // panels of the left side that stay in the second-level cache
constexpr std::size_t kRowsPerPack = 64;  // rows that one task packs
constexpr std::size_t kSerialTiles = 12;  // fewer tiles are not worth waking threads

struct TileRange {
  std::size_t i0, i1, j0, j1;
};

// A fixed partition, whatever the number of threads: each tile belongs to exactly one task.
std::vector<TileRange> partition(const GramLayout& layout) {
  std::vector<TileRange> tasks;
  for (std::size_t i = 0; i < layout.panels(); i += kGroup) {
    const std::size_t end = std::min(i + kGroup, layout.panels());
    const std::size_t pairs = layout.pairs(end - 1);
    for (std::size_t j = 0; j < pairs; j += kGroup) tasks.push_back({i, end, j, std::min(j + kGroup, pairs)});
  }
  return tasks;
}
}  // namespace

AlignedDoubles::AlignedDoubles(std::size_t n)
    : data_(static_cast<double*>(::operator new (std::max<std::size_t>(n, 1) * sizeof(double), std::align_val_t{64}))),
      size_(n) {
  std::fill_n(data_.get(), n, 0.0);
}

AlignedDoubles::AlignedDoubles(const AlignedDoubles& other) {
  if (other.size_ == 0) return;
  *this = AlignedDoubles(other.size_);
  std::copy_n(other.data(), size_, data());
}

bool add_gram(const GramLayout& layout, const GramSource& source, double* tiles, std::uint64_t weight, RunControl& control) {
  const auto& kernels = ROCKPOOL_SELECT_KERNELS(ridge_kernels);
  auto& pool = ThreadPool::instance();
  const std::size_t depth = std::min(kDepth, std::max<std::size_t>(source.rows, 1));
  const std::size_t stride = depth * kRidgePanel;
  AlignedDoubles packed(layout.panels() * stride);
  const auto tasks = partition(layout);
  const bool parallel = layout.size() >= kSerialTiles * kRidgePanel * kRidgePanel;
  const auto loop = [&](std::size_t n, const auto& body) {
    if (parallel)
      pool.parallel_for(n, body);
    else
      for (std::size_t i = 0; i < n; ++i) body(i);
  };

  for (std::size_t row = 0; row < source.rows; row += depth) {
    const std::size_t n = std::min(depth, source.rows - row);
    const double* x = source.index != nullptr ? source.x : source.x + row * source.x_columns;
    const std::uint32_t* index = source.index != nullptr ? source.index + row : nullptr;
    std::atomic<bool> finite{true};
    loop((n + kRowsPerPack - 1) / kRowsPerPack, [&](std::size_t task) {
      const std::size_t first = task * kRowsPerPack, last = std::min(first + kRowsPerPack, n);
      if (!kernels.pack_rows(x, source.x_columns, index, first, last, source.mean, source.sd, packed.data(), stride))
        finite = false;
      source.pack_rest(row, first, last, packed.data(), stride);
    });
    if (!finite) return false;
    loop(tasks.size(), [&](std::size_t task) {
      if (control.stop_requested()) return;  // advance() below throws
      const TileRange& t = tasks[task];
      for (std::size_t j = t.j0; j < t.j1; ++j)
        for (std::size_t i = t.i0; i < t.i1; ++i)
          if (j < layout.pairs(i))
            kernels.update_tile(packed.data() + i * stride, packed.data() + j * stride, n, tiles + layout.tile(i, j));
    });
    control.advance(n * weight);
  }
  return true;
}

}  // namespace rockpool
