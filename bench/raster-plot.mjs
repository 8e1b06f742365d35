/** A raster plot of a million events: how long it takes and how large it is. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { shareArray } from './lib/peer.mjs';
import { uniform } from './lib/statistics.mjs';

const require = createRequire(import.meta.url);
const { TSContinuous, TSEvent } = require('rockpool-node');

const numEvents = 1_000_000;
const numChannels = 1000;
const tStop = 100;

/** Channels of all rates, from none to twice the mean. */
function makeEvents() {
  const random = uniform(1);
  const times = Float64Array.from({ length: numEvents }, () => random() * tStop).sort();
  const channels = Int32Array.from({ length: numEvents }, () => Math.floor(Math.sqrt(random()) * numChannels));
  return { times, channels };
}

const matplotlib = (name, data) => ({
  environment: 'matplotlib',
  script: 'raster-plot.py',
  case: name,
  name: 'Matplotlib 3.10',
  data,
});

/** A picture counts when all of the events are in it. */
function checkPlot(plot) {
  const [{ type, values }] = plot.traces;
  if (type !== 'cells') return `expected cells with counts, received ${type}`;
  const sum = values.reduce((a, b) => a + b, 0);
  return sum === numEvents ? undefined : `expected ${numEvents} events in the picture, received ${sum}`;
}

/** A fresh process loads everything, makes the events, draws and writes. */
const program = (file) => `
  const { TSEvent } = require('rockpool-node');
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  let seed = 1;
  const times = Float64Array.from({ length: ${numEvents} }, () => random() * ${tStop}).sort();
  const channels = Int32Array.from({ length: ${numEvents} }, () => Math.floor(random() * ${numChannels}));
  new TSEvent(times, channels, { numChannels: ${numChannels}, tStart: 0, tStop: ${tStop} }).plot().saveSync(${JSON.stringify(file)});`;

export default function define({ folder }) {
  const events = makeEvents();
  const series = new TSEvent(events.times, events.channels, {
    numChannels,
    tStart: 0,
    tStop,
    name: 'A million events',
  });
  const times = Float64Array.from({ length: numEvents }, (_, i) => i / 1000);
  const random = uniform(2);
  const samples = Float64Array.from(times, (t) => Math.sin(t / 10) + random());
  const trace = new TSContinuous(times, samples);
  const cold = join(folder, 'cold.svg');
  const what = `raster plot of ${numEvents} events of ${numChannels} channels`;
  const drawn = () => {
    const plot = series.plot();
    return { plot, svg: plot.toSvg() };
  };
  return [
    {
      name: 'svg',
      title: `${what}, from series to SVG`,
      unit: 's',
      run: drawn,
      verify: ({ plot }) => checkPlot(plot),
      goal: { atMost: 2 },
    },
    {
      name: 'size',
      title: `${what}, size of the SVG`,
      unit: 'MB',
      run: drawn,
      value: ({ svg }) => Buffer.byteLength(svg) / 1e6,
      verify: ({ plot }) => checkPlot(plot),
      goal: { atMost: 1 },
    },
    {
      name: 'png',
      title: `${what}, from series to PNG of 1600 x 800 pixels`,
      unit: 's',
      run: () => series.plot().toPngSync(),
      peer: matplotlib('png', {
        times: shareArray(folder, 'event-times', events.times),
        channels: shareArray(folder, 'event-channels', events.channels),
      }),
      verify: (png) => (png.readUInt32BE(16) === 1600 ? undefined : 'expected an image 1600 pixels wide'),
      goal: { ratio: 1 },
    },
    {
      name: 'cold',
      title: `${what}, a fresh process from its start to the file`,
      unit: 's',
      run: () => execFileSync(process.execPath, ['-e', program(cold)], { cwd: join(import.meta.dirname, '..') }),
      verify: () =>
        statSync(cold).size < 1e6 && readFileSync(cold, 'utf8').endsWith('</svg>') ? undefined : 'no SVG below 1 MB',
      goal: { atMost: 2 },
    },
    {
      name: 'trace',
      title: `plot of a trace of ${numEvents} samples, from series to SVG`,
      unit: 's',
      run: () => trace.plot().toSvg(),
      peer: matplotlib('trace', {
        times: shareArray(folder, 'times', times),
        samples: shareArray(folder, 'samples', samples),
      }),
      verify: (svg) => (svg.length < 1e6 ? undefined : `expected less than 1 MB, received ${svg.length}`),
      goal: { ratio: 1 },
    },
  ];
}
