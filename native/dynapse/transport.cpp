#include "rockpool/dynapse/transport.h"

namespace rockpool::dynapse {

const char* status_name(Status status) {
  switch (status) {
    case Status::kOk: return "ok";
    case Status::kStall: return "stalled";
    case Status::kTimeout: return "timed out";
    case Status::kCancelled: return "cancelled";
    case Status::kNoDevice: return "device gone";
    case Status::kOverflow: return "overflow";
    case Status::kAccess: return "no permission";
    case Status::kBusy: return "in use by another program";
    case Status::kNoMemory: return "out of memory";
    case Status::kNotFound: return "not found";
    case Status::kIo: break;
  }
  return "input/output error";
}

}  // namespace rockpool::dynapse
