import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setGlobalTsPlottingBackend, TSContinuous, TSEvent } from 'rockpool-node';
import { layout, Plot, plotLine, plotWeights, registerTsPlottingBackend, type Layout } from 'rockpool-node/plot';
import { codeOf, count, texts, wellFormed } from './helpers';

const root = join(__dirname, '..', '..', '..');
const series = new TSContinuous([0, 1, 2], [0, 1, 0], { name: 'series' });
const events = new TSEvent([0.5, 1.5], [0, 1], { tStart: 0, tStop: 3, name: 'events' });

describe('plots as files', () => {
  let folder = '';
  before(() => (folder = mkdtempSync(join(tmpdir(), 'rockpool-plot-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const inside = (name: string): string => join(folder, name);

  it('are SVG, PNG, HTML and JSON by their names', async () => {
    const plot = series.plot();
    for (const name of ['a.svg', 'a.png', 'a.html', 'a.json', 'A.SVG']) await plot.save(inside(name));
    assert.equal(readFileSync(inside('a.svg'), 'utf8'), plot.toSvg());
    const png = readFileSync(inside('a.png'));
    assert.deepEqual([png.toString('latin1', 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)], ['PNG', 1600, 800]);
    const page = readFileSync(inside('a.html'), 'utf8');
    assert.match(page, /^<!doctype html>[^]*<title>series<\/title>[^]*<svg /);
    assert.doesNotMatch(page.replaceAll('http://www.w3.org/', ''), /https?:|<script|src=/);
    assert.deepEqual(new Plot(JSON.parse(readFileSync(inside('a.json'), 'utf8')) as Plot).toSvg(), plot.toSvg());
    plot.saveSync(inside('b.png'), { scale: 0.5, background: 'transparent' });
    assert.equal(readFileSync(inside('b.png')).readUInt32BE(16), 400);
    plot.saveSync(inside('noname'), { format: 'svg' });
    assert.ok(readFileSync(inside('noname'), 'utf8').startsWith('<svg '));
  });

  it('have texts in PNG, of our font', () => {
    const plain = plotLine([0, 1], [0, 1], { width: 300, height: 200 });
    const titled = plotLine([0, 1], [0, 1], { width: 300, height: 200, title: 'MMMMMMMM' });
    const greek = plotLine([0, 1], [0, 1], { width: 300, height: 200, title: 'λμσ ±µ 日本' });
    assert.ok(titled.toPngSync().length > plain.toPngSync().length);
    assert.ok(greek.toPngSync().length > plain.toPngSync().length);
  });

  it('stay as they were when the making fails or is aborted', async () => {
    writeFileSync(inside('old.png'), 'old');
    await assert.rejects(series.plot().save(inside('old.png'), { signal: AbortSignal.abort() }), {
      code: 'ERR_ABORTED',
    });
    const later = new AbortController();
    const saving = series.plot().save(inside('old.png'), { signal: later.signal });
    later.abort();
    await assert.rejects(saving, { code: 'ERR_ABORTED' });
    await assert.rejects(series.plot().save(inside('old.png'), { scale: 1e9 }), { code: 'ERR_VALUE' });
    await assert.rejects(series.plot().save(inside('old.gif')), { code: 'ERR_VALUE' });
    await assert.rejects(series.plot().save(inside('nowhere/old.svg')), { code: 'ERR_FILE' });
    await assert.rejects(series.plot().save(inside('old.svg'), { formt: 'svg' } as object), { code: 'ERR_TYPE' });
    assert.equal(readFileSync(inside('old.png'), 'utf8'), 'old');
    assert.ok(readdirSync(folder).every((name) => !name.endsWith('.tmp')));
  });

  it('are the same text each time, with identifiers that differ from figure to figure', () => {
    const [a, b] = [series.plot().toSvg(), series.plot().toSvg()];
    assert.equal(a, b);
    const ids = (svg: string): string[] => [...svg.matchAll(/id="([^"]*)"/g)].map((m) => m[1]);
    assert.ok(ids(a).length > 0);
    assert.ok(ids(events.plot().toSvg()).every((id) => !ids(a).includes(id)));
    assert.ok(ids(a).every((id) => a.includes(`url(#${id})`)));
  });
});

describe('overlays and layouts', () => {
  it('lay one plot over another, with both limits and each text once', () => {
    const below = series.plot({ title: 'below', yLabel: 'below' });
    const above = new TSContinuous([1, 5], [3, 4]).plot({ label: 'above', title: null as never });
    const plot = above.over(below);
    assert.deepEqual([plot.xLim, plot.title, plot.yLabel], [[0, 5], 'below', 'below']);
    assert.deepEqual(plot.traces, [...below.traces, ...above.traces]);
    assert.equal(below.traces.length, 1);
    assert.equal(
      codeOf(() => above.over({} as Plot)),
      'ERR_TYPE',
    );
    wellFormed(events.plot().over(series.plot()).toSvg());
  });

  it('put plots into rows that fill the width', () => {
    const [a, b, c] = [series.plot({ width: 400 }), events.plot({ width: 400 }), series.plot({ height: 200 })];
    const figure = layout([[a, b], [c]]);
    assert.deepEqual([figure.width, figure.height], [800, 600]);
    const svg = figure.toSvg();
    wellFormed(svg);
    assert.equal(texts(svg).filter((text) => text === 'Time (s)').length, 3);
    assert.equal(count(svg, 'svg'), 1);
    wellFormed(layout([figure, [a, figure]], { width: 500, height: 700 }).toSvg());
    assert.equal((JSON.parse(JSON.stringify(figure)) as Layout).rows.length, 2);
  });

  it('share an axis of x', () => {
    const svg = layout([series.plot(), events.plot()], { shareX: true }).toSvg();
    assert.equal(texts(svg).filter((text) => text === 'Time (s)').length, 1);
    assert.equal(texts(svg).filter((text) => text === '3.0').length, 2);
  });

  it('refuse what is no figure', () => {
    for (const wrong of [[], [[]], [series], 3, null, [[series.plot(), null]]])
      assert.equal(
        codeOf(() => layout(wrong as never)),
        'ERR_TYPE',
        JSON.stringify(wrong),
      );
    assert.equal(
      codeOf(() => layout([series.plot()], { width: 3 })),
      'ERR_VALUE',
    );
  });
});

describe('plotting backends', () => {
  const reset = () => setGlobalTsPlottingBackend(null, { verbose: false });
  beforeEach(reset); // examples of the documentation choose one
  afterEach(reset);

  it('are SVG by default, or what the series or the process has', () => {
    const own = new TSContinuous([0, 1], [0, 1], { plottingBackend: 'vega-lite' });
    assert.match(String(series.plot().render()), /^<svg /);
    assert.equal(typeof own.plot().render(), 'object');
    assert.match(String(own.plot().render('svg')), /^<svg /);
    setGlobalTsPlottingBackend('vega-lite', { verbose: false });
    assert.equal(typeof series.plot().render(), 'object');
  });

  it('can be registered', () => {
    registerTsPlottingBackend('title', (plot) => plot.title);
    setGlobalTsPlottingBackend('title', { verbose: false });
    assert.equal(series.plot().render(), 'series');
    registerTsPlottingBackend('title', () => 7);
    assert.equal(series.plot().render(), 7);
    for (const name of ['svg', 'vega-lite', 'matplotlib', 'plt', ''])
      assert.equal(
        codeOf(() => registerTsPlottingBackend(name, () => 1)),
        'ERR_VALUE',
        name,
      );
    assert.equal(
      codeOf(() => registerTsPlottingBackend('x', 3 as never)),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => series.plot().render('unknown')),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => series.plot().render('hv')),
      'ERR_BACKEND',
    );
  });

  it('tell plots in Vega-Lite', () => {
    const spec = plotWeights([[1, -2]])
      .over(series.plot())
      .over(events.plot())
      .render('vega-lite') as {
      layer: { mark: { type: string }; data: { values: object[] } }[];
    };
    assert.deepEqual(
      spec.layer.map(({ mark }) => mark.type),
      ['tick', 'line', 'rect'],
    );
    assert.equal(spec.layer[2].data.values.length, 2);
    assert.doesNotThrow(() => JSON.stringify(spec));
  });
});

describe('the packages that draw', () => {
  const run = (code: string, ...flags: string[]) =>
    spawnSync(process.execPath, [...flags, '-e', code], { cwd: root, encoding: 'utf8' });
  /** Makes packages unknown, as where they are not installed. */
  const without = (...names: string[]): string => `
    const Module = require('node:module'), resolve = Module._resolveFilename;
    Module._resolveFilename = function (name, ...rest) {
      if (${JSON.stringify(names)}.includes(name)) throw Object.assign(new Error("Cannot find module '" + name + "'"), { code: 'MODULE_NOT_FOUND' });
      return resolve.call(this, name, ...rest);
    };
    const { TSContinuous } = require('./dist');
    const plot = new TSContinuous([0, 1], [0, 1]).plot();`;

  it('are named when they are missing, and a plot needs none of them', () => {
    const svg = run(
      `${without('echarts')} JSON.stringify(plot); try { plot.toSvg() } catch (e) { console.log(e.code, e.message) }`,
    );
    assert.match(svg.stdout, /^ERR_BACKEND .*npm install echarts/, svg.stderr);
    const png = run(
      `${without('@resvg/resvg-js', 'sharp')} plot.toPng().catch((e) => console.log(e.code, e.message)); plot.toSvg()`,
    );
    assert.match(png.stdout, /^ERR_BACKEND .*npm install @resvg\/resvg-js/, png.stderr);
  });

  it('are not loaded by time series, nor by making plots', () => {
    const code = `const { TSContinuous } = require('./dist'); const at = () => Object.keys(require.cache);
      console.log(at().some((f) => f.includes('plot/plot.js')), (new TSContinuous([0, 1], [0, 1]).plot(), at().some((f) => f.includes('echarts'))))`;
    assert.equal(run(code).stdout, 'false false\n');
  });

  it('keep no process alive, also when drawing fails', () => {
    const { status, stdout, stderr } = run(`
      const { TSContinuous } = require('./dist'), echarts = require('echarts');
      const plot = new TSContinuous([0, 1], [0, 1]).plot();
      let open = 0;
      const init = echarts.init;
      echarts.init = (...args) => {
        const chart = init(...args), dispose = chart.dispose;
        open++;
        chart.dispose = function () { open--; return dispose.call(this); };
        return chart;
      };
      for (let i = 0; i < 5; i++) plot.toSvg();
      console.log(open);
      const before = echarts.init;
      echarts.init = (...args) => Object.assign(before(...args), { renderToSVGString() { throw new Error('broken') } });
      try { plot.toSvg() } catch (e) { console.log(e.message, open) }
      // Each chart asked for a frame of animation before it was disposed of; none follows, and the one timer is this.
      setTimeout(() => console.log(process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate/.test(name)).length - 1), 300);`);
    assert.equal(stdout, '0\nbroken 0\n0\n', stderr);
    assert.equal(status, 0);
  });
});
