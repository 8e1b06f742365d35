/** What is easily lost in a picture: narrow bars, far numbers, small pictures, single samples, long names. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { setWarningHandler, TSContinuous, TSEvent } from 'rockpool-node';
import {
  type BarsTrace,
  type CellsTrace,
  Plot,
  plotHistogram,
  plotLine,
  plotRate,
  plotWeights,
} from 'rockpool-node/plot';
import { codeOf, texts, wellFormed } from './helpers';

const load = createRequire(__filename);
const { loader } = load(join(__dirname, '../../../dist/plot/render/packages.js')) as {
  loader: { load(name: string): unknown };
};

/** The numbers of ticks. */
const ticks = (svg: string): string[] => texts(svg).filter((text) => /^−?[\d.]+$/.test(text));

/** The path of the first colour. */
const pathOf = (svg: string): string => /d="([^"]*)"[^>]*fill="#0072b2"/.exec(svg)?.[1] ?? '';

describe('bars', () => {
  const spaced = (count: number, every: number): TSEvent =>
    new TSEvent(
      Float64Array.from({ length: count }, (_, i) => (i + 0.5) * every),
      new Int32Array(count),
      { tStart: 0, tStop: count * every },
    );

  it('of rates cover the whole extent, however many bins there are', () => {
    const events = spaced(3600, 1);
    const plot = plotRate(events, { dt: 0.01 });
    const [{ edges, y }] = plot.traces as BarsTrace[];
    assert.deepEqual([plot.xLim, y.length, edges[0], edges.at(-1)], [[0, 3600], 100_000, 0, 3600]);
    assert.equal(y.filter((v) => v > 0).length, 3600);
    assert.ok(Math.abs(Math.max(...y) - 100) < 1e-9);
    for (const dt of [1e-5, 1e-300])
      assert.equal(
        codeOf(() => plotRate(events, { dt })),
        'ERR_VALUE',
      );
  });

  it('narrower than a pixel are drawn, a pixel wide', () => {
    const bars = (plot: Plot): [number, number][] =>
      [...pathOf(plot.toSvg()).matchAll(/M([\d.]+) [\d.]+L[\d.]+ [\d.]+L([\d.]+)/g)].map((m) => [
        Number(m[1]),
        Number(m[2]),
      ]);
    for (const dt of [0.001, 0.0001, 0.01]) {
      const found = bars(plotRate(spaced(50, 0.2), { dt }));
      assert.equal(found.length, 50, `dt ${dt}`);
      for (const [left, right] of found) assert.ok(right - left > 0.85, `${left} to ${right}`);
    }
    // Of a part, bars at their places.
    const part = bars(plotRate(spaced(50, 0.2), { dt: 0.0001, xLim: [2, 4] }));
    assert.ok(part.length >= 10 && part.length <= 12, `${part.length}`);
    wellFormed(new Plot({ kind: 'histogram', traces: [{ type: 'bars', edges: [3, 1, 2], y: [1, -1] }] }).toSvg());
    wellFormed(new Plot({ kind: 'histogram', traces: [{ type: 'bars', edges: [3], y: [] }] }).toSvg());
  });
});

describe('axes', () => {
  it('of one moment have room around it', () => {
    setWarningHandler(() => {});
    for (const at of [1, 0, -3, 1e9]) {
      const svg = new TSEvent([at, at, at], [0, 1, 2]).plot().toSvg();
      wellFormed(svg);
      assert.ok(
        texts(svg).every((text) => text.length <= 14),
        texts(svg).join(),
      );
      const [, path] = /d="([^"]*)"[^>]*stroke="#0072b2"/.exec(svg) ?? [];
      const xs = [...(path ?? '').matchAll(/M([\d.]+)/g)].map((m) => Number(m[1]));
      assert.equal(xs.length, 3);
      assert.ok(
        xs.every((x) => x > 200 && x < 700),
        `${at}: ${xs.join()}`,
      );
    }
    setWarningHandler(null);
  });

  it('of numbers that differ in late digits name what is subtracted', () => {
    const cases: [number[], number[], string][] = [
      [[1.7e9, 1.7e9 + 1e-3, 1.7e9 + 2e-3], [0, 1, 0], '+ 1.7e9'],
      [[0, 1, 2], [1e9, 1e9 + 1e-6, 1e9], '×10⁻⁶ + 1e9'],
      [[0, 1, 2], [-1e9, -1e9 - 1e-6, -1e9], '×10⁻⁶ − 1e9'],
      [[0, 1, 2], [1e17, 1e17 + 160, 1e17], '+ 1e17'],
    ];
    for (const [times, samples, told] of cases) {
      const svg = new TSContinuous(times, samples).plot().toSvg();
      wellFormed(svg);
      assert.ok(texts(svg).some((text) => text.endsWith(told)), texts(svg).join()); // prettier-ignore
      assert.ok(ticks(svg).every((text) => text.length <= 8), ticks(svg).join()); // prettier-ignore
      const ups = ticks(svg).filter((t, i, all) => all.indexOf(t) === i);
      assert.ok(ups.length >= 5, ups.join());
      const [, path = ''] = /d="([^"]*)"[^>]*stroke="#0072b2"/.exec(svg) ?? [];
      assert.equal(path.split('L').length, 3, path);
      assert.doesNotMatch(path, /\d{5}/);
    }
    wellFormed(new TSContinuous([0, 1, 2], [1e17, 1e17 + 16, 1e17]).plot().toSvg());
    // What is short without has none.
    assert.ok(texts(new TSContinuous([1000, 1000.05], [0, 1]).plot().toSvg()).includes('1000.01'));
  });
});

describe('pictures', () => {
  const t = Float64Array.from({ length: 50 }, (_, i) => i / 50);
  const name = 'membrane potentials of the recurrent reservoir after training';
  const three = new TSContinuous(
    t,
    Array.from(t, (v) => [v, Math.sin(9 * v), 1 - v]),
    { name },
  );

  it('have legends whose entries differ', () => {
    const entries = (svg: string): string[] => texts(svg).filter((text) => text.includes('…'));
    const own = entries(three.plot().toSvg());
    assert.equal(new Set(own).size, 3, own.join());
    own.forEach((text, i) => assert.ok(text.endsWith(`training ${i}`) && [...text].length <= 40, text));
    const labels = ['first', 'other'].map((one) => `${'a'.repeat(40)} ${one} ${'z'.repeat(40)}`);
    const told = entries(plotLine([0, 1], [[0, 1], [1, 0]], { label: labels }).toSvg()); // prettier-ignore
    assert.equal(new Set(told).size, 2, told.join());
  });

  it('that are small have neither legend nor title over the lines', () => {
    const tiny = texts(three.plot({ width: 100, height: 60 }).toSvg());
    assert.ok(!tiny.some((text) => text.includes('membrane')), tiny.join());
    const small = texts(three.plot({ width: 260, height: 140 }).toSvg());
    assert.equal(small.filter((text) => text.includes('membrane')).length, 1, small.join());
    assert.equal(texts(three.plot({ height: 260 }).toSvg()).filter((text) => text.includes('membrane')).length, 4);
  });

  it('of samples as colours have ticks of time', () => {
    const plot = plotWeights([t, t.map((v) => 1 - v)].map((row) => Array.from(row)));
    const [cells] = plot.traces as CellsTrace[];
    cells.extent = [0, 0.3, 1.5, -0.5];
    const svg = plot.toSvg();
    for (const tick of ['0.1', '0.2', '0.3', '0', '1'])
      assert.ok(ticks(svg).some((text) => text === tick || text === `${tick}0`), texts(svg).join()); // prettier-ignore
    // Rows and columns of a matrix have whole numbers.
    assert.ok(!texts(plotWeights([[1, 2], [3, 4]], { label: null }).toSvg()).some((text) => text.includes('.5'))); // prettier-ignore
  });

  it('show samples without neighbours as dots', () => {
    const dots = (ts: TSContinuous): number =>
      ts
        .plot()
        .toSvg()
        .match(/<(?:circle|path)[^>]*fill="#0072b2"/g)?.length ?? 0;
    assert.equal(dots(new TSContinuous([0], [3])), 1);
    assert.equal(dots(new TSContinuous([0, 1, 2, 3, 4, 5, 6], [1, NaN, 2, NaN, 1, 2, NaN])), 2);
    assert.equal(dots(new TSContinuous([0, 1], [3, 4])), 0);
  });

  it('of events over lines have limits that hold both', () => {
    const events = new TSEvent([0.1, 0.5, 0.9], [0, 1, 2], { tStart: 0, tStop: 1, numChannels: 3 });
    for (const factor of [0.5, 4]) {
      const wave = new TSContinuous(
        t,
        t.map((v) => factor * Math.sin(9 * v)),
      );
      for (const plot of [events.plot().over(wave.plot()), wave.plot().over(events.plot())]) {
        const [low, high] = plot.yLim ?? [0, 0];
        assert.ok(low <= -1 && low < -factor && high >= 3 && high > factor, `${low} to ${high}`);
        wellFormed(plot.toSvg());
      }
    }
    assert.equal(three.plot().over(three.plot()).yLim, null);
    // A target without limits of its own leaves room for the marks.
    const wave = new TSContinuous([0, 1], [0, 1]).plot();
    events.plot({ target: wave, color: 'red' });
    const [, path = ''] = /d="([^"]*)"[^>]*stroke="red"/.exec(wave.toSvg()) ?? [];
    const ys = [...path.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map((m) => Number(m[1]));
    assert.equal(ys.length, 6, path);
    assert.ok(Math.abs(ys[0] - ys[1] - (ys[4] - ys[5])) < 0.2, path);
  });
});

describe('letters that our font has not', () => {
  const before = loader.load.bind(loader);
  afterEach(() => (loader.load = before));

  it('are looked for in plain fonts first', () => {
    interface Fonts {
      loadSystemFonts: boolean;
      fontFiles: string[];
    }
    const asked: Fonts[] = [];
    class Resvg {
      constructor(_: string, { font }: { font: Fonts }) {
        asked.push(font);
      }
      render = () => ({ asPng: () => Buffer.alloc(0) });
    }
    loader.load = (name) => (name === '@resvg/resvg-js' ? { Resvg } : before(name));
    for (const title of ['plain λ', 'snow \u2603']) plotLine([0, 1], [0, 1], { title }).toPngSync();
    const [plain, snow] = asked;
    assert.deepEqual([plain.loadSystemFonts, plain.fontFiles.length], [false, 1]);
    const bold = snow.fontFiles.map((file) => /bold|italic|oblique|light/i.test(basename(file)));
    assert.equal(snow.loadSystemFonts, bold.length === 1); // no fonts where they are looked for
    assert.ok(!bold.includes(true) || !bold.slice(bold.indexOf(true)).includes(false), snow.fontFiles.join());
  });
});

describe('values', () => {
  const events = new TSEvent([0.5], [0], { tStart: 0, tStop: 1 });

  it('of colours are those of CSS', () => {
    const plot = plotLine([0, 1]);
    const good = [
      'red',
      'RebeccaPurple',
      '#abc',
      '#aabbcc80',
      'rgb(0, 114, 178)',
      'rgba(0,0,0,.5)',
      'hsl(200, 50%, 50%)',
    ];
    for (const color of [...good, 'transparent']) {
      wellFormed(plotLine([0, 1], null, { color }).toSvg());
      wellFormed(plot.toSvg({ background: color }));
    }
    for (const color of ['nocolor', '', '#ab', '#12345', 'rgb(1,2)', 'url(#a)', 'red;fill:blue', 'none']) {
      const tries = [
        () => plotLine([0, 1], null, { color }),
        () => plot.toSvg({ background: color }),
        () => new Plot({ kind: 'line', traces: [{ type: 'line', x: [], y: [], color }] }),
      ];
      for (const one of tries) assert.equal(codeOf(one), 'ERR_VALUE', color);
    }
  });

  it('of time limits ascend', () => {
    assert.equal(
      codeOf(() => events.plot({ timeLimits: [1, 0] })),
      'ERR_VALUE',
    );
    for (const timeLimits of [
      [0, 1],
      [0.5, 0.5],
      [null, 0.2],
      [2, null],
    ] as [number, number][])
      // prettier-ignore
      wellFormed(events.plot({ timeLimits }).toSvg());
  });

  it('that are all one are in the middle of a bar', () => {
    for (const value of [3, 5, 0, -7, 0.1, 1e17, 1e-320, 1.79e308])
      for (const bins of [1, 7, 10]) {
        const [{ edges, y }] = plotHistogram([value, value], { bins }).traces as BarsTrace[];
        const at = y.indexOf(2);
        const width = edges[at + 1] - edges[at];
        assert.ok(at >= 0 && Math.abs(value - edges[at] - width / 2) < 0.1 * width, `${value}, ${bins} bins`);
      }
  });
});
