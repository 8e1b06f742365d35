#include "rockpool/run_control.h"

#include "rockpool/error.h"

namespace rockpool {

void RunControl::stop() {
  throw_cancelled();
}

}  // namespace rockpool
