// Runs a command on a machine that has a board: the board model, plugged into a bus below the real libusb.
//
//   umockdev-wrapper rockpool_with_board [--fire BOARD_NEURON] [--unplug-after MS] COMMAND ...
//
// --fire lets that neuron spike every 10 ms. Ends with the command's exit status, and prints what the board has seen.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "../mock_bus.h"
#include "rockpool/dynapse/shared_model.h"

using namespace rockpool::dynapse;

namespace {

std::vector<std::uint8_t> descriptors() {
  const auto device = device_descriptor(kFirmwareVersion);
  const auto configuration = configuration_descriptor();
  std::vector<std::uint8_t> bytes(device.begin(), device.end());
  bytes.insert(bytes.end(), configuration.begin(), configuration.end());
  return bytes;
}

int option(int argc, char** argv, int& at, const char* name) {
  if (at + 1 >= argc || std::strcmp(argv[at], name) != 0) return -1;
  at += 2;
  return std::atoi(argv[at - 1]);
}

}  // namespace

int main(int argc, char** argv) {
  int at = 1;
  const int neuron = option(argc, argv, at, "--fire");
  const int unplug_after = option(argc, argv, at, "--unplug-after");
  if (at >= argc) return std::fprintf(stderr, "no command\n"), 2;
  mock::Bus bus;
  const auto model = std::make_shared<SharedModel>(BoardOptions{});
  const auto board = bus.add(model, descriptors(), "MODEL001");
  const pid_t child = fork();
  if (child == 0) {
    execvp(argv[at], argv + at);
    std::perror(argv[at]);
    _exit(127);
  }
  const auto begin = std::chrono::steady_clock::now();
  int status = 0;
  for (bool plugged = true; waitpid(child, &status, WNOHANG) == 0;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (neuron >= 0) model->with([neuron](BoardModel& m) { m.fire(static_cast<unsigned>(neuron) % kBoardNeurons); });
    const auto passed = std::chrono::steady_clock::now() - begin;
    if (plugged && unplug_after >= 0 && passed > std::chrono::milliseconds(unplug_after)) board->unplug(), plugged = false;
  }
  const auto counters = model->with([](BoardModel& m) { return m.counters(); });
  std::printf("board: %zu control transfers, %llu chip words, %llu lost, %llu spikes sent\n", board->controls(),
              static_cast<unsigned long long>(counters.chip_words), static_cast<unsigned long long>(counters.lost_chip_words),
              static_cast<unsigned long long>(counters.usb_spikes));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
