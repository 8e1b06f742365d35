/** Bindings of TSContinuous, TSEvent and the analysis functions. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { required, type Callable, type Constructor } from './api.js';
import { camelCase, toOurValue, type Arguments } from './arguments.js';
import { bindClass, customMethod, member, method, send, textOf, type MethodBinding } from './bindings.js';
import { captureStdout } from './capture.js';
import { fillValue } from './fill-value.js';
import type { Environment } from './environment.js';
import { PySlice, PyTuple } from './values.js';

/** Sample and hold is the default since 1.1; ours is linear (ruling D2). */
function withDefaultKind(args: Arguments, env: Environment): Arguments {
  const [major = 0, minor = 0] = env.version;
  const holds = major > 1 || (major === 1 && minor >= 1);
  return args.has('interp_kind') || !holds ? args : new Map([...args, ['interp_kind', 'previous']]);
}

const options = (args: Arguments, env: Environment, ...names: string[]): Record<string, unknown> =>
  Object.fromEntries(names.filter((n) => args.has(n)).map((n) => [camelCase(n), toOurValue(args.get(n), env)]));

function operators(): MethodBinding[] {
  const names: [string, string][] = [
    ['add', 'add'],
    ['sub', 'sub'],
    ['mul', 'mul'],
    ['truediv', 'div'],
    ['floordiv', 'floorDiv'],
    ['pow', 'pow'],
  ];
  const ours = (name: string): string => `r${name}`;
  return names.flatMap(([python, name]) => [
    method(`${python}(other) -> ${name}`),
    customMethod(`i${python}(other)`, (self, args, env) =>
      send(self, name, toOurValue(args.get('other'), env), { inplace: true }),
    ),
    // Sums and products commute: there is no method of their own.
    method(`r${python}(other) -> ${python === 'add' || python === 'mul' ? name : ours(name)}`),
  ]);
}

function saveAndLoad(self: object, args: Arguments, env: Environment): unknown {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rockpool-golden-'));
  try {
    const file = path.join(folder, 'series.npz');
    send(self, 'saveSync', file, options(args, env, 'dtype_times', 'dtype_samples', 'dtype_channels'));
    return send(self.constructor, 'loadSync', file);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

const common: MethodBinding[] = [
  method('delay(offset; inplace)'),
  method('start_at(t_start; inplace)'),
  method('start_at_zero(; inplace)'),
  method('contains(times)'),
  method('isempty() -> isEmpty'),
  method('copy()'),
  customMethod('__len__()', (self) => member(self, 'length')),
  customMethod('__iter__()', (self) => self),
  customMethod('__repr__()', (self) => textOf(self)),
  customMethod('__str__()', (self) => textOf(self)),
  customMethod('print(; full, num_first, num_last, limit_shorten)', (self, args, env) =>
    captureStdout(() => send(self, 'print', options(args, env, 'full', 'num_first', 'num_last', 'limit_shorten'))),
  ),
];

/** A channel index of Python's as our list of channels. */
function channelIndex(self: object, index: unknown, env: Environment): unknown {
  return index instanceof PySlice ? index.indices(member(self, 'numChannels') as number) : toOurValue(index, env);
}

function getContinuous(self: object, args: Arguments, env: Environment): unknown {
  const index = args.get('index');
  const [times, channels = null, ...more] = index instanceof PyTuple ? index.items : [index];
  // Our methods name their two indices, a third has no place: the third is shown as an unknown option.
  const surplus = more.length > 0 ? { surplus: more } : {};
  const selected = channels === null ? {} : { channels: channelIndex(self, channels, env) };
  if (times instanceof PySlice) {
    const step = times.step === null ? {} : { step: times.step };
    return send(self, 'slice', times.start ?? undefined, times.stop ?? undefined, { ...step, ...selected, ...surplus });
  }
  const at = times === null ? {} : { times: toOurValue(times, env) };
  return send(self, 'select', { ...at, ...selected, ...surplus });
}

bindClass({
  constructor_:
    'TSContinuous(; times?, samples?, num_channels?, periodic, t_start?, t_stop?, name?, units?, interp_kind, fill_value)',
  construct: (args, env, signature) => {
    const given = withDefaultKind(args, env);
    const [ours = {}] = signature.toOurs(given, env) as Record<string, unknown>[];
    if (given.has('fill_value')) ours['fillValue'] = fillValue(given.get('fill_value'), env);
    return new (required('TSContinuous') as Constructor)(ours);
  },
  methods: [
    ...common,
    method('__call__(times) -> sample'),
    customMethod('__getitem__(index)', getContinuous),
    method('clip(; t_start?, t_stop?, channels?, include_stop, sample_limits, inplace)'),
    method('resample(times; channels?, inplace)'),
    method('append_c(other_series; inplace)'),
    method('append_t(other_series; offset?, inplace)'),
    method('merge(other_series; remove_duplicates, inplace)'),
    ...operators(),
    method('matmul(other)'),
    method('neg()'),
    method('abs()'),
    method('to_clocked(dt)'),
    method('to_dict(; dtype_times, dtype_samples)'),
    customMethod('save_and_load(; verbose, dtype_times, dtype_samples)', saveAndLoad),
  ],
  statics: [
    customMethod('from_clocked(samples; dt, t_start, periodic, name?, interp_kind)', (cls, args, env) =>
      send(
        cls,
        'fromClocked',
        toOurValue(args.get('samples'), env),
        options(args, env, 'dt', 't_start', 'periodic', 'name', 'interp_kind'),
      ),
    ),
    customMethod('concatenate_t(series; offset?)', (cls, args, env) =>
      send(cls, 'concatenateT', toOurValue(args.get('series'), env), options(args, env, 'offset')),
    ),
  ],
  attributes: { fill_value: (self) => member(self, 'fillValue') },
});

function getEvents(self: object, args: Arguments, env: Environment): unknown {
  const index = args.get('index');
  if (!(index instanceof PySlice)) return send(self, 'pick', toOurValue(index, env));
  return send(self, 'slice', index.start ?? undefined, index.stop ?? undefined, index.step ?? undefined);
}

bindClass({
  constructor_: 'TSEvent(; times?, channels?, periodic, t_start?, t_stop?, name?, num_channels?)',
  methods: [
    ...common,
    customMethod('__call__(; t_start?, t_stop?, channels?)', (self, args, env) => {
      const { times, channels } = send(self, 'events', options(args, env, 't_start', 't_stop', 'channels')) as {
        times: unknown;
        channels: unknown;
      };
      return [times, channels];
    }),
    customMethod('__getitem__(index)', getEvents),
    method('clip(; t_start?, t_stop?, channels?, remap_channels, inplace)'),
    method('remap_channels(channel_map; inplace)'),
    method('raster(; dt, t_start?, t_stop?, num_timesteps?, channels?, add_events)'),
    customMethod('xraster(; dt, t_start?, t_stop?, num_timesteps?, channels?, add_events)', (self, args, env) => [
      ...(send(
        self,
        'rasterRows',
        options(args, env, 'dt', 't_start', 't_stop', 'num_timesteps', 'channels', 'add_events'),
      ) as Iterable<unknown>),
    ]),
    method('append_c(other_series; inplace)'),
    method('append_t(other_series; offset?, remove_duplicates, inplace)'),
    method('merge(other_series; delay, remove_duplicates, inplace)'),
    method('to_dict(; dtype_times, dtype_channels)'),
    customMethod('save_and_load(; verbose, dtype_times, dtype_channels)', saveAndLoad),
    customMethod('lv()', (self) => (required('lv') as Callable)(self)),
    customMethod('fano_factor(; dt)', (self, args, env) =>
      (required('fanoFactor') as Callable)(self, options(args, env, 'dt')),
    ),
  ],
  statics: [
    customMethod(
      'from_raster(raster; dt, t_start, t_stop?, name?, periodic, num_channels?, spikes_at_bin_start)',
      (cls, args, env) =>
        send(
          cls,
          'fromRaster',
          toOurValue(args.get('raster'), env),
          options(args, env, 'dt', 't_start', 't_stop', 'name', 'periodic', 'num_channels', 'spikes_at_bin_start'),
        ),
    ),
    customMethod('concatenate_t(series; offset?)', (cls, args, env) =>
      send(cls, 'concatenateT', toOurValue(args.get('series'), env), options(args, env, 'offset')),
    ),
  ],
});
