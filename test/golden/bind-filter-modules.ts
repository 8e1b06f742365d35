/** Bindings of the filter banks as modules, whose names are those of layers in earlier releases. */
import * as modules from 'rockpool-node/nn/modules';
import type { Constructor } from './api.js';
import type { Arguments } from './arguments.js';
import { bindClass } from './bindings.js';
import type { Environment } from './environment.js';
import { moduleMethods } from './module-values.js';

const common = 'fs, order, mean_subtraction, normalize, num_workers, use_lowpass, plot?';

for (const constructor_ of [
  `ButterMelFilter(; shape, cutoff_fs, filter_width, ${common})`,
  `ButterFilter(; frequency, bandwidth, ${common})`,
]) {
  const name = constructor_.slice(0, constructor_.indexOf('(')) as 'ButterFilter' | 'ButterMelFilter';
  bindClass({
    constructor_,
    construct: (args: Arguments, env: Environment, signature) => {
      const known = new Map([...args].filter(([key]) => key !== 'plot')); // nothing to see
      const [options = {}] = signature.toOurs(known, env);
      return new (modules[name] as unknown as Constructor)(options);
    },
    methods: moduleMethods,
    releases: [2.001, Infinity],
  });
}
