// Connectivity within the limits of neuromorphic hardware: few weights, limited numbers of inputs and outputs.
#include <algorithm>
#include <numeric>
#include <string>

#include "draws.h"
#include "rockpool/error.h"
#include "rockpool/weights.h"

namespace rockpool {

namespace {

void check_choice(const WeightChoice& c, std::uint64_t needed, const char* name) {
  if (needed > 0 && c.values.empty()) throw_shape(name, "at least one weight", "none");
  if (!c.cumulative.empty() && c.cumulative.size() != c.values.size())
    throw_shape(name, "as many probabilities as weights", to_text(c.cumulative.size()));
}

double pick(const WeightChoice& c, Draws& draws) {
  if (c.cumulative.empty()) return c.values[static_cast<std::size_t>(draws.below(c.values.size()))];
  const auto it = std::upper_bound(c.cumulative.begin(), c.cumulative.end() - 1, draws.uniform());
  return c.values[static_cast<std::size_t>(it - c.cumulative.begin())];
}

}  // namespace

void conform(const Conform& o, WeightSink& sink) {
  check_choice(o.exc, o.excitatory, "the excitatory weights");
  check_choice(o.inh, o.inhibitory, "the inhibitory weights");
  if (o.max_outputs > 4294967295u || o.rows > 2147483647u || o.columns > 2147483647u)
    throw_range("maxNumOutputs", "at most 4294967295", to_text(o.max_outputs));
  std::vector<std::int32_t> order(o.columns);
  std::iota(order.begin(), order.end(), 0);
  Draws order_draws({o.seed, 0}, 0);
  order_draws.shuffle(std::span(order));
  UrnOfSlots outputs(o.rows, o.max_outputs);
  std::vector<double> weights(o.excitatory + o.inhibitory);
  for (const std::int32_t post : order) {
    Draws draws({o.seed, 1}, static_cast<std::uint64_t>(post));
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k] = pick(k < o.excitatory ? o.exc : o.inh, draws);
    draws.shuffle(std::span(weights));
    for (std::size_t k = 0; k < weights.size() && outputs.total() > 0; ++k)
      sink.add(outputs.take(draws), static_cast<std::size_t>(post), weights[k]);
  }
}

void column_counts(std::span<const std::int32_t> indices, std::span<const std::int32_t> counts, std::span<std::int32_t> sums) {
  if (counts.size() != indices.size())
    throw_shape("counts", to_text(indices.size()) + " elements long", to_text(counts.size()) + " elements");
  std::fill(sums.begin(), sums.end(), 0);
  for (std::size_t k = 0; k < indices.size(); ++k) {
    if (indices[k] < 0 || static_cast<std::size_t>(indices[k]) >= sums.size())
      throw_range("indices", "columns from 0 to " + to_text(sums.size() - 1), to_text(indices[k]));
    sums[static_cast<std::size_t>(indices[k])] += counts[k];
  }
}

std::uint64_t free_places(std::span<const std::int32_t> sums, std::uint64_t limit, std::uint64_t most,
                          std::span<std::int32_t> free) {
  if (free.size() != sums.size())
    throw_shape("free", to_text(sums.size()) + " elements long", to_text(free.size()) + " elements");
  std::uint64_t total = 0;
  for (std::size_t j = 0; j < sums.size(); ++j) {
    const auto used = static_cast<std::uint64_t>(std::max(sums[j], 0));
    const std::uint64_t left = std::min({limit - std::min(limit, used), most, std::uint64_t{2147483647}});
    free[j] = static_cast<std::int32_t>(left);
    total += left;
  }
  return total;
}

void input_weights(const InputWeights& o, WeightSink& sink) {
  check_choice(o.exc, o.excitatory, "the excitatory weights");
  check_choice(o.inh, o.inhibitory, "the inhibitory weights");
  std::vector<std::uint64_t> ends;  // neuron i has the places up to ends[i]
  std::uint64_t places = 0;
  for (const std::int32_t n : o.free) ends.push_back(places += static_cast<std::uint64_t>(std::max(n, 0)));
  const std::uint64_t number = o.excitatory + o.inhibitory;
  if (number > places || o.excitatory > places || (number > 0 && o.channels == 0))
    throw_range("the number of inputs", "at most " + to_text(places), to_text(number));
  Draws weights({o.seed, 2}, 0), order({o.seed, 3}, 0), channels({o.seed, 4}, 0);
  PartialShuffle shuffle(places, number);
  for (std::uint64_t k = 0; k < number; ++k) {
    const double value = pick(k < o.excitatory ? o.exc : o.inh, weights);
    const std::uint64_t place = shuffle.next(order);
    const auto neuron = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), place) - ends.begin());
    sink.add(static_cast<std::size_t>(channels.below(o.channels)), neuron, value);
  }
}

}  // namespace rockpool
