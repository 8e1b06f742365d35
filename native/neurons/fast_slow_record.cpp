// Records of runs of fast_slow.h.
#include <vector>

#include "neurons/fast_slow.h"
#include "rockpool/time_grid.h"

namespace rockpool {

/// The state at the last time, which lay ahead until the pass went over it.
void FastSlowRunner::record_row(const double* drive) {
  FastSlowRecord& r = *run_.record;
  const double time = seconds(last_);
  const auto append = [&](std::vector<double>& rows, const double* values, std::size_t n) {
    rows.insert(rows.end(), values, values + n);
  };
  if (!begun_ && time > seconds({run_.first_step, 0.0})) {
    r.times.push_back(seconds({run_.first_step, 0.0}));
    append(r.v, state_.v.data(), m_.units);
    append(r.fast, state_.fast.data(), m_.units);
    append(r.slow, state_.slow.data(), m_.units);
    append(r.rate, state_.rate.data(), state_.rate.size());
    append(r.out, state_.out.data(), m_.outputs);
    r.dot_v.resize(r.dot_v.size() + m_.units, 0.0);
  }
  begun_ = true;
  r.times.push_back(time);
  append(r.v, n_.v_last.data(), m_.units);
  append(r.fast, n_.fast_last.data(), m_.units);
  append(r.slow, n_.slow_last.data(), m_.units);
  if (m_.adaptive()) append(r.rate, n_.rate_last.data(), m_.units);
  append(r.out, n_.out_last.data(), m_.outputs);
  for (std::size_t j = 0; j < m_.units; ++j) {
    const double teacher = m_.adaptive() ? teacher_[j] : 0.0;
    r.dot_v.push_back((drive[j] + teacher + n_.fast[j] + n_.slow[j] - n_.v_last[j]) * (m_.v_from_drive[j] / m_.dt));
  }
}

void FastSlowRunner::record_end() {
  FastSlowRecord& r = *run_.record;
  r.times.push_back(time_of(static_cast<double>(end_), 0.0, m_.dt));
  const auto append = [](std::vector<double>& rows, std::span<const double> values) {
    rows.insert(rows.end(), values.begin(), values.end());
  };
  append(r.v, state_.v);
  append(r.fast, state_.fast);
  append(r.slow, state_.slow);
  append(r.rate, state_.rate);
  append(r.out, state_.out);
  const std::size_t n = m_.units;
  if (r.dot_v.size() >= n)  // what it was from the last time on
    for (std::size_t j = 0; j < n; ++j) r.dot_v.push_back(r.dot_v[r.dot_v.size() - n]);
}

}  // namespace rockpool
