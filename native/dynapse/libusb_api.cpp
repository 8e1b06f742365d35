#include "dynapse/libusb_api.h"

#include <cstdlib>
#include <initializer_list>

#if !defined(_WIN32)
#include <dlfcn.h>
#endif

namespace rockpool::dynapse::libusb {

namespace {

#if defined(_WIN32)
void* open_library(const char* name) {
  return reinterpret_cast<void*>(LoadLibraryA(name));
}
void* find(void* library, const char* name) {
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(library), name));
}
constexpr std::initializer_list<const char*> kNames{"libusb-1.0.dll"};
constexpr const char* kAdvice = "put libusb-1.0.dll (libusb.info) on the PATH";
#else
void* open_library(const char* name) {
  return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}
void* find(void* library, const char* name) {
  return dlsym(library, name);
}
#if defined(__APPLE__)
constexpr std::initializer_list<const char*> kNames{"libusb-1.0.0.dylib", "/opt/homebrew/lib/libusb-1.0.0.dylib",
                                                    "/usr/local/lib/libusb-1.0.0.dylib"};
constexpr const char* kAdvice = "brew install libusb";
#else
constexpr std::initializer_list<const char*> kNames{"libusb-1.0.so.0", "libusb-1.0.so"};
constexpr const char* kAdvice = "Debian/Ubuntu: sudo apt-get install libusb-1.0-0, Fedora: sudo dnf install libusb1";
#endif
#endif

Api load() {
  Api api;
  void* library = nullptr;
  const char* chosen = std::getenv("ROCKPOOL_LIBUSB");
  if (chosen != nullptr && *chosen != '\0') {
    library = open_library(chosen);
  } else {
    for (const char* name : kNames)
      if (library == nullptr) library = open_library(name);
  }
  if (library == nullptr) {
    api.problem = std::string("the library libusb 1.0 is not there (") + kAdvice + ")";
    return api;
  }
#define ROCKPOOL_LIBUSB_FIND(result, name, arguments)                              \
  api.name = reinterpret_cast<decltype(api.name)>(find(library, "libusb_" #name)); \
  if (api.name == nullptr && api.problem.empty())                                  \
    api.problem = "the library libusb is too old: it has no libusb_" #name "; 1.0.21 or newer is needed";
  ROCKPOOL_LIBUSB_FUNCTIONS(ROCKPOOL_LIBUSB_FIND)
#undef ROCKPOOL_LIBUSB_FIND
  return api;
}

}  // namespace

const Api& api() {
  static const Api& loaded = *new Api(load());  // threads may call it while the process exits
  return loaded;
}

}  // namespace rockpool::dynapse::libusb
