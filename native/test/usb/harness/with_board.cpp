// Runs a command on a machine that has a board: the board model, plugged into a bus below the real libusb.
//
//   umockdev-wrapper rockpool_with_board [OPTION VALUE ...] COMMAND ...
//
//   --fire BOARD_NEURON   it spikes every 10 ms          --plug-after MS     plugged in then (at once without it)
//   --firmware N          that the board says it has     --unplug-after MS   pulled out then
//   --logic N             the same of its FPGA           --replug-after MS   and in again
//   --busy 1              another program has it         --unplug-streaming MS  pulled out so long after the stream began
//   --user UID            the command runs as a user who may not open it
//
// SIGUSR1, which the command may send to its parent, pulls the board out, or plugs it in again.
// Ends with the command's exit status, and prints what the board has seen, on stderr.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "../mock_bus.h"
#include "rockpool/dynapse/shared_model.h"

using namespace rockpool::dynapse;

namespace {

std::vector<std::uint8_t> descriptors(std::uint16_t version) {
  const auto device = device_descriptor(version);
  const auto configuration = configuration_descriptor();
  std::vector<std::uint8_t> bytes(device.begin(), device.end());
  bytes.insert(bytes.end(), configuration.begin(), configuration.end());
  return bytes;
}

volatile std::sig_atomic_t plug_requests = 0;

struct Options {
  int fire = -1, plug_after = -1, unplug_after = -1, unplug_streaming = -1, replug_after = -1, firmware = kFirmwareVersion,
      logic = static_cast<int>(kLogicVersion), busy = 0, user = -1;
};

int parse(int argc, char** argv, Options& options) {
  const std::pair<const char*, int*> known[] = {{"--fire", &options.fire},
                                                {"--plug-after", &options.plug_after},
                                                {"--unplug-after", &options.unplug_after},
                                                {"--unplug-streaming", &options.unplug_streaming},
                                                {"--replug-after", &options.replug_after},
                                                {"--firmware", &options.firmware},
                                                {"--logic", &options.logic},
                                                {"--busy", &options.busy},
                                                {"--user", &options.user}};
  int at = 1;
  for (bool found = true; found && at + 1 < argc;) {
    found = false;
    for (const auto& [name, value] : known)
      if (std::strcmp(argv[at], name) == 0) {
        *value = std::atoi(argv[at + 1]);
        at += 2;
        found = true;
        break;
      }
  }
  return at;
}

/// Everybody may use the bus, except for the board's own node.
void forbid(const mock::Bus& bus, unsigned address) {
  const std::filesystem::path node = bus.node(address);
  auto root = node.parent_path();
  while (root.filename() != "dev") root = root.parent_path();
  root = root.parent_path();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
    if (!entry.is_symlink()) ::chmod(entry.path().c_str(), 0777);
  ::chmod(root.c_str(), 0777);
  ::chmod(node.c_str(), 0600);
}

pid_t launch(char** command, int user) {
  const pid_t child = fork();
  if (child != 0) return child;
  if (user >= 0 && setuid(static_cast<uid_t>(user)) != 0) _exit(126);
  execvp(command[0], command);
  std::perror(command[0]);
  _exit(127);
}

class Schedule {
 public:
  Schedule(mock::Bus& bus, std::shared_ptr<SharedModel> model, const Options& options)
      : bus_(bus), model_(std::move(model)), options_(options) {
    if (options_.plug_after < 0) plug();
  }

  void look() {
    const auto passed = std::chrono::steady_clock::now() - begin_;
    const auto due = [&](int& at) {
      if (at < 0 || passed < std::chrono::milliseconds(at)) return false;
      at = -1;
      return true;
    };
    if (due(options_.plug_after)) plug();
    for (; plugs_done_ < plug_requests; ++plugs_done_) {
      if (plugged_)
        unplug();
      else
        plug();
    }
    if (due(options_.unplug_after)) unplug();
    if (options_.unplug_streaming >= 0 && board_ && board_->pending() > 0) {
      options_.unplug_after =
          static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(passed).count()) + options_.unplug_streaming;
      options_.unplug_streaming = -1;
    }
    if (due(options_.replug_after)) plug();
  }

  std::size_t controls() const { return board_ ? board_->controls() : 0; }

 private:
  void unplug() {
    board_->unplug();
    plugged_ = false;
  }

  void plug() {
    plugged_ = true;
    board_ = bus_.add(model_, descriptors(static_cast<std::uint16_t>(options_.firmware)), "MODEL001");
    if (options_.busy != 0) board_->set([](mock::Faults& f) { f.claim_error = -EBUSY; });
  }

  mock::Bus& bus_;
  const std::shared_ptr<SharedModel> model_;
  Options options_;
  std::shared_ptr<mock::Board> board_;
  bool plugged_ = false;
  int plugs_done_ = 0;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  const int at = parse(argc, argv, options);
  if (at >= argc) return std::fprintf(stderr, "no command\n"), 2;
  mock::Bus bus;
  const auto model = std::make_shared<SharedModel>(BoardOptions{.device_version = static_cast<std::uint16_t>(options.firmware),
                                                                .logic_version = static_cast<std::uint32_t>(options.logic)});
  Schedule schedule(bus, model, options);
  if (options.user >= 0) forbid(bus, 2);
  std::signal(SIGUSR1, [](int) { plug_requests = plug_requests + 1; });
  const pid_t child = launch(argv + at, options.user);
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (options.fire >= 0)
      model->with([&options](BoardModel& m) { m.fire(static_cast<unsigned>(options.fire) % kBoardNeurons); });
    schedule.look();
  }
  const auto counters = model->with([](BoardModel& m) { return m.counters(); });
  std::fprintf(stderr, "board: %zu control transfers, %llu chip words, %llu lost, %llu spikes sent\n", schedule.controls(),
               static_cast<unsigned long long>(counters.chip_words), static_cast<unsigned long long>(counters.lost_chip_words),
               static_cast<unsigned long long>(counters.usb_spikes));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
