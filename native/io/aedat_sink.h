// Where events of all versions go. For native/io only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "io/bytes.h"
#include "rockpool/aedat.h"

namespace rockpool::io {

class AedatSink {
 public:
  AedatSink(const AedatForm& form, AedatState& state, AedatEvents& out) : form_(form), state_(state), out_(out) {
    if (form.layout != AedatLayout::kDynapse &&
        (form.width < 1 || form.height < 1 || form.width > 32768 || form.height > 32768))
      throw_range("size", "from 1 x 1 to 32768 x 32768", to_text(form.width) + " x " + to_text(form.height));
  }

  const AedatForm& form() const { return form_; }
  bool wants_pixels() const { return form_.layout != AedatLayout::kDynapse; }

  /// Room for events that are to come; more than there are costs little.
  void reserve(std::size_t count) {
    const std::size_t size = out_.times.size() + count;
    if (size <= out_.times.capacity()) return;
    const std::size_t room = std::max(size, 2 * out_.times.capacity());
    out_.times.reserve(room);
    out_.channels.reserve(room);
    out_.first.reserve(room);
    out_.second.reserve(room);
    out_.third.reserve(room);
  }

  void pixel(std::int64_t time, std::uint32_t x, std::uint32_t y, bool on, std::uint64_t at) {
    const auto width = static_cast<std::uint32_t>(form_.width), height = static_cast<std::uint32_t>(form_.height);
    if (x >= width || y >= height)
      throw_at(at, "expected a pixel of " + to_text(width) + " x " + to_text(height) + ", received (" + to_text(x) + ", " +
                       to_text(y) + ")");
    if (form_.polarity == AedatPolarity::kOn ? !on : form_.polarity == AedatPolarity::kOff && on) return;
    if (form_.flip_y) y = height - 1 - y;
    const std::uint32_t pixel = y * width + x;  // less than 2^30
    const std::uint32_t channel = form_.polarity == AedatPolarity::kSplit ? 2 * pixel + (on ? 1 : 0) : pixel;
    put(time, channel, x, y, on ? 1 : 0);
  }

  void spike(std::int64_t time, std::uint32_t chip, std::uint32_t core, std::uint32_t neuron, std::uint64_t at) {
    if (!form_.chips.empty()) {
      const auto found = std::find(form_.chips.begin(), form_.chips.end(), static_cast<std::int32_t>(chip));
      if (found == form_.chips.end()) throw_at(at, "expected one of the chips, received chip " + to_text(chip));
      chip = static_cast<std::uint32_t>(found - form_.chips.begin());
    }
    if (core > 3 || neuron > 255 || chip > 65535)
      throw_at(at,
               "expected a core from 0 to 3 and a neuron from 0 to 255, received " + to_text(core) + " and " + to_text(neuron));
    put(time, 1024 * chip + 256 * core + neuron, chip, core, neuron);
  }

  void trigger(std::int64_t time, std::int32_t type) {
    out_.trigger_times.push_back(seconds(time));
    out_.trigger_types.push_back(type);
  }

  void skip(AedatSkipped what, std::uint64_t count = 1) { out_.skipped[static_cast<std::size_t>(what)] += count; }

  [[noreturn]] static void throw_at(std::uint64_t at, const std::string& what) {
    throw_file("byte " + to_text(at) + ": " + what);
  }

 private:
  void put(std::int64_t time, std::uint32_t channel, std::uint32_t first, std::uint32_t second, std::uint32_t third) {
    out_.times.push_back(seconds(time));
    out_.channels.push_back(static_cast<std::int32_t>(channel));
    out_.first.push_back(static_cast<std::uint16_t>(first));
    out_.second.push_back(static_cast<std::uint16_t>(second));
    out_.third.push_back(static_cast<std::uint8_t>(third));
  }

  double seconds(std::int64_t microseconds) {
    if (!state_.relative) return static_cast<double>(microseconds) / 1e6;
    if (!state_.has_origin) {
      state_.has_origin = true;
      state_.origin = microseconds;
    }
    // Differences of any two times of 64 bits: as unsigned numbers they are defined.
    const auto difference = static_cast<std::uint64_t>(microseconds) - static_cast<std::uint64_t>(state_.origin);
    return static_cast<double>(static_cast<std::int64_t>(difference)) / 1e6;
  }

  const AedatForm& form_;
  AedatState& state_;
  AedatEvents& out_;
};

/// Version 1 to 3: events of one kind after another.
void read_aedat_records(std::span<const std::uint8_t> piece, bool last, AedatState& state, AedatSink& sink, AedatEvents& out,
                        RunControl& control);
void read_aedat_containers(std::span<const std::uint8_t> piece, bool last, const AedatState& state, AedatSink& sink,
                           AedatEvents& out, RunControl& control);
/// Version 4.
void read_aedat_packets(std::span<const std::uint8_t> piece, bool last, const AedatState& state, AedatSink& sink,
                        AedatEvents& out, RunControl& control);
AedatHead read_aedat4_head(std::span<const std::uint8_t> file, std::size_t at);

}  // namespace rockpool::io
