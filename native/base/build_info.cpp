#include "rockpool/build_info.h"

#include <Eigen/Core>

#include "rockpool/simd.h"
#include "rockpool/thread_pool.h"

namespace rockpool {

namespace {
std::string compiler() {
#if defined(__clang__)
  return "clang " + std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__) + "." +
         std::to_string(__clang_patchlevel__);
#elif defined(__GNUC__)
  return "gcc " + std::to_string(__GNUC__) + "." + std::to_string(__GNUC_MINOR__) + "." + std::to_string(__GNUC_PATCHLEVEL__);
#elif defined(_MSC_VER)
  return "msvc " + std::to_string(_MSC_VER);
#else
  return "unknown";
#endif
}
}  // namespace

BuildInfo build_info() {
  BuildInfo info;
  info.version = ROCKPOOL_VERSION;
  info.compiler = compiler();
  info.eigen = std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
               std::to_string(EIGEN_MINOR_VERSION);
  for (const auto target : simd::available_targets()) info.targets.emplace_back(simd::target_name(target));
  info.target = simd::target_name(simd::active_target());
  info.threads = ThreadPool::instance().concurrency();
#if defined(__SANITIZE_ADDRESS__)
  info.sanitized = true;
#else
  info.sanitized = false;
#endif
  return info;
}

}  // namespace rockpool
