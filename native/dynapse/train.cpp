#include "rockpool/dynapse/train.h"

#include <cmath>
#include <string>

#include "rockpool/dynapse/protocol.h"
#include "rockpool/error.h"

namespace rockpool::dynapse {

namespace {

std::uint32_t element(std::span<const std::uint32_t> values, std::size_t i) {
  return values.size() == 1 ? values[0] : values[i];
}

void check_length(const char* name, std::size_t length, std::size_t events) {
  if (length != events && length != 1)
    throw_shape(name, to_text(events) + " elements long (one for each interval) or one for all", to_text(length) + " elements");
}

}  // namespace

std::vector<std::uint16_t> train_words(const TrainEvents& events) {
  const std::size_t count = events.intervals.size();
  check_length("sources", events.sources.size(), count);
  check_length("cores", events.cores.size(), count);
  check_length("chips", events.chips.size(), count);
  std::vector<std::uint16_t> words;
  words.reserve(2 * count);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    double left = events.intervals[i];
    if (!(left >= 0.0) || left != std::floor(left)) throw_range("intervals", "whole numbers of 0 or more", to_text(left));
    const double fillers = left > kMaxInterval ? std::ceil(left / kMaxInterval) - 1.0 : 0.0;
    if (static_cast<double>(total) + fillers + 1.0 > kMaxTrainEvents)
      throw_range("the train", "of at most " + to_text(kMaxTrainEvents) + " events, those that fill silences included", "more");
    total += static_cast<std::uint64_t>(fillers) + 1;
    const std::uint32_t source = element(events.sources, i), cores = element(events.cores, i), chip = element(events.chips, i);
    if (source >= kChipNeurons) throw_range("sources", "0 to 1023", to_text(source));
    if (cores > 15) throw_range("cores", "0 to 15", to_text(cores));
    if (chip >= kChips) throw_range("chips", "0 to 3", to_text(chip));
    StimulusWord word;
    word.chip = static_cast<std::uint8_t>(chip);
    for (; left > kMaxInterval; left -= kMaxInterval) {
      words.push_back(encode(word));
      words.push_back(static_cast<std::uint16_t>(kMaxInterval));
    }
    word.neuron = static_cast<std::uint8_t>(source & 255);
    word.virtual_core = static_cast<std::uint8_t>(source >> 8);
    word.cores = static_cast<std::uint8_t>(cores);
    words.push_back(encode(word));
    words.push_back(static_cast<std::uint16_t>(left));
  }
  return words;
}

}  // namespace rockpool::dynapse
