// One run of a population: the step loop.
#pragma once

#include <atomic>
#include <exception>
#include <mutex>

#include "neurons/spiking_plan.h"
#include "rockpool/thread_pool.h"

namespace rockpool {

template <typename T>
class SpikingRunner {
 public:
  SpikingRunner(const SpikingPlanOf<T>& plan, const SpikingState& state, const SpikingRun& run, SpikeList& spikes,
                RunControl& control);
  void run();

 private:
  /// What a thread needs for a block besides its neurons.
  struct Work {
    AlignedArray<T> input, external, drive;  // [rows x inputs], [rows + 1 x stride], [rows x stride]
    AlignedArray<double> sampled, xi;
    AlignedArray<double> noise;  // [rows x n] as a current, for records
    DeliveryScratch<T> delivery;
    std::vector<std::uint32_t> merged;
    std::vector<std::pair<std::size_t, std::size_t>> recorded;  // column of the record, neuron of the block
    std::uint64_t base = 0;                                     // the step that NeuronBlock::ready counts from
  };
  using List = std::vector<std::uint32_t>;

  void load_state();
  void store_state();
  void check_finite_state() const;
  void prepare_work(Work& work, const PlannedBlock<T>& block);
  void work(unsigned rank, unsigned size);
  void prepare_events(std::uint64_t first, std::size_t rows);
  void prepare_drive(std::size_t b, std::uint64_t first, std::size_t rows);
  void add_noise(std::size_t b, std::uint64_t first, std::size_t rows);
  void step(std::size_t b, std::uint64_t n, std::size_t row);
  void deliver_input(std::size_t b, std::uint64_t n, bool undelayed);
  void deliver_spikes(std::size_t b, std::uint64_t n);
  void collect(std::uint64_t n);
  std::span<const std::uint32_t> spikes_of(std::uint64_t n, std::vector<std::uint32_t>& merged) const;
  std::span<const std::uint32_t> events_of(std::uint64_t n) const;
  bool records(std::uint64_t n) const { return run_.record.every != 0 && n % run_.record.every == 0; }
  void record_before(std::size_t b, std::uint64_t n, std::size_t row);
  void record_after(std::size_t b, std::uint64_t n, std::size_t count);
  std::size_t record_row(std::uint64_t n) const;
  void rebase(std::size_t b, std::uint64_t n);
  template <typename Body>
  void guard(std::uint64_t step, Body body);
  void fail(std::uint64_t step, std::exception_ptr error);
  void fail_neuron(std::uint64_t step, std::size_t neuron, bool unsolved);
  bool stops_at(std::uint64_t step) const { return stop_at_.load(std::memory_order_acquire) <= step; }

  const SpikingPlanOf<T>& plan_;
  const SpikingState& state_;
  const SpikingRun& run_;
  SpikeList& out_;
  RunControl& control_;

  std::vector<NeuronBlock<T>> blocks_;
  std::vector<Work> work_;
  std::size_t rows_per_pass_ = 1;  // steps that are prepared at a time
  bool drives_ = false;            // the drive changes from step to step
  bool refractory_ = false;

  std::vector<std::vector<List>> ring_;  // [step % size][block]: spikes as neurons of the population

  BinnedEvents binned_;
  std::vector<std::uint32_t> event_channels_;
  std::vector<std::size_t> event_starts_;
  std::uint64_t events_first_ = 0;  // step of event_starts_[0]
  std::vector<std::uint64_t> last_seen_;

  std::vector<PendingSpike> pending_events_;  // by step

  TeamBarrier* barrier_ = nullptr;
  std::atomic<std::uint64_t> stop_at_{UINT64_MAX};  // all threads leave behind the meeting of this step
  std::mutex error_mutex_;
  std::exception_ptr error_;
  std::uint64_t error_step_ = UINT64_MAX;
  std::size_t error_neuron_ = SIZE_MAX;
};

}  // namespace rockpool
