#include <algorithm>
#include <string>

#include "draws.h"
#include "rockpool/error.h"
#include "rockpool/weights.h"

namespace rockpool {

void sparse_ei(const SparseEi& o, WeightSink& sink) {
  const std::uint64_t places = std::uint64_t{o.size} * o.size;
  if (o.size == 0 || o.size > 2147483647 || o.entries > places)
    throw_range("entries", "at most " + to_text(places), to_text(o.entries));
  if (!o.values.empty() && o.values.size() != o.entries)
    throw_shape("values", to_text(o.entries) + " elements long", to_text(o.values.size()) + " elements");
  Draws values({o.seed, 0}, 0), order({o.seed, 1}, 0);
  PartialShuffle shuffle(places, o.entries);
  for (std::uint64_t k = 0; k < o.entries; ++k) {
    double value = o.values.empty() ? values.uniform() : o.values[k];
    const std::uint64_t place = shuffle.next(order);
    const auto pre = static_cast<std::size_t>(place / o.size);
    if (k < o.negative || pre >= o.first_inhibitory_row) value *= -o.scale_inh;
    sink.add(pre, static_cast<std::size_t>(place % o.size), value);
  }
}

void normal_rows(std::uint64_t seed, std::size_t size, std::size_t connections, double mean, double deviation,
                 WeightSink& sink) {
  if (connections > size) throw_range("connections", "at most " + to_text(size), to_text(connections));
  PartialShuffle places(size, connections);
  for (std::size_t pre = 0; pre < size; ++pre) {
    Draws where({seed, 0}, pre), what({seed, 1}, pre);
    for (std::size_t k = 0; k < connections; ++k)
      sink.add(pre, static_cast<std::size_t>(places.next(where)), mean + deviation * what.normal());
    places.reset();
  }
}

PartitionSources partition_network(const Partitions& o, WeightSink& sink) {
  std::size_t total = 0;
  for (const std::int32_t size : o.sizes) {
    if (size < 1) throw_range("sizes", "integers of 1 or more", to_text(size));
    total += static_cast<std::size_t>(size);
  }
  PartitionSources out;
  out.indptr.push_back(0);
  const auto take = [&](std::size_t post, std::size_t pre) {
    sink.add(pre, post, 1.0);
    out.sources.push_back(static_cast<std::int32_t>(pre));
  };
  std::size_t start = 0;
  for (const std::int32_t members : o.sizes) {
    const auto size = static_cast<std::size_t>(members);
    const std::size_t candidates = o.allow_self ? size : size - 1, others = total - size;
    const std::size_t inside = std::min(o.inside, candidates), between = std::min(o.between, others);
    PartialShuffle own(candidates, inside), other(others, between);
    for (std::size_t post = start; post < start + size; ++post) {
      Draws own_draws({o.seed, 0}, post), other_draws({o.seed, 1}, post);
      for (std::size_t k = 0; k < inside; ++k) {
        const std::size_t pre = start + static_cast<std::size_t>(own.next(own_draws));
        take(post, !o.allow_self && pre >= post ? pre + 1 : pre);
      }
      for (std::size_t k = 0; k < between; ++k) {
        const auto pre = static_cast<std::size_t>(other.next(other_draws));
        take(post, pre >= start ? pre + size : pre);
      }
      own.reset();
      other.reset();
      out.indptr.push_back(static_cast<double>(out.sources.size()));
    }
    start += size;
  }
  return out;
}

}  // namespace rockpool
