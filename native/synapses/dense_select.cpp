#include "synapses/dense_kernels.h"

namespace rockpool {

const DenseKernels& active_dense_kernels_all() {
  return ROCKPOOL_SELECT_KERNELS(dense_kernels);
}

}  // namespace rockpool
