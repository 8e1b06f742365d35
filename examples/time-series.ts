/** Time series, step by step: samples, interpolation, arithmetic, events, files. */
import { mkdirSync } from 'node:fs';
import { TimeSeries, TSContinuous, TSEvent } from 'rockpool-node';

const folder = process.argv[2] ?? 'pictures';
mkdirSync(folder, { recursive: true });

const times = Array.from({ length: 120 }, (_, k) => k * 0.05);
const envelope = (t: number): number => Math.exp(-t / 2);
const ringing = new TSContinuous(
  times,
  times.map((t) => [envelope(t) * Math.cos(6 * t), envelope(t)]),
  { name: 'Ringing' },
);
console.log(String(ringing));
ringing.plot().saveSync(`${folder}/ringing.svg`);

const points = { times: [0, 1, 2, 3, 4], samples: [0, 2, 1, 3, 0] };
const fine = Array.from({ length: 201 }, (_, k) => k * 0.02);
const rules = ['linear', 'previous', 'cubic'] as const;
const curves = rules.map((interpKind) => new TSContinuous({ ...points, interpKind, name: interpKind }));
for (const curve of curves)
  console.log(
    curve.name.padEnd(10),
    [0.5, 1.5, 2.5].map((t) => curve.at(t)[0]),
  );
const [linear, previous, cubic] = curves.map((curve) => curve.plot({ times: fine }));
cubic.over(previous).over(linear).set({ title: 'Five points, three rules' }).saveSync(`${folder}/rules.svg`);

const heart = new TSContinuous([0, 0.1, 0.15, 0.2, 0.3, 0.8], [0, 0, 1, -0.3, 0, 0], {
  periodic: true,
  tStop: 0.8,
  name: 'Beat',
});
console.log(String(heart), heart.at(100.15));
heart.plot({ times: Array.from({ length: 400 }, (_, k) => k * 0.01) }).saveSync(`${folder}/periodic.svg`);

const piece = ringing.slice(0.2, 0.5, { step: 0.1, channels: 0 });
piece.print();
const later = ringing.clip(0, 1).delay(4);
console.log(String(later), String(ringing.clip(0, 2).appendT(later.startAt(2))));

const wave = ringing.clip({ channels: [0] });
const energy = wave.pow(2);
const difference = ringing
  .clip({ channels: [1] })
  .sub(wave.abs())
  .mul(2);
console.log(`energy at most ${energy.max.toFixed(2)}, difference at least ${difference.min.toFixed(2)}`);
energy.name = 'Energy';
difference.name = 'Envelope less size, twice';
energy.plot({ title: 'Computed series' }).over(difference.plot()).saveSync(`${folder}/arithmetic.svg`);

let seed = 4;
const uniform = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
const moments = Array.from({ length: 300 }, () => 2 * uniform()).sort((a, b) => a - b);
// The later an event, the higher its channel, more or less.
const channels = moments.map((t) => Math.floor(Math.min(19, 8 * t + 4 * uniform())));
const events = new TSEvent(moments, channels, { tStart: 0, tStop: 2, numChannels: 20, name: 'Events' });
console.log(String(events));
events.plot().saveSync(`${folder}/events.svg`);

const { times: when, channels: where } = events.events({ tStart: 0.5, tStop: 0.6, channels: [5, 6, 7] });
console.log(
  when.length,
  where.every((c) => c >= 5 && c <= 7),
);
console.log(String(events.pick([0, 1, 2])), String(events.clip(0.5, 1)));

const raster = events.raster({ dt: 0.25, addEvents: true });
console.log(
  raster.shape,
  raster.data.reduce((sum, n) => sum + n, 0),
);
const back = TSEvent.fromRaster(raster, { dt: 0.25, tStart: 0, name: 'From a raster' });
console.log(String(back));

events.saveSync(`${folder}/events`);
console.log(String(TimeSeries.loadSync(`${folder}/events.npz`)));
