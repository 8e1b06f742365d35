import assert from 'node:assert/strict';
import { NdArray, Network, TSEvent } from 'rockpool-node';
import { PassThrough, RecRateEuler } from 'rockpool-node/layers';
import { Sequential, Residual } from 'rockpool-node/nn/combinators';
import { LIF, Linear } from 'rockpool-node/nn/modules';
import {
  type BarsTrace,
  type CellsTrace,
  type DiagramTrace,
  type LineTrace,
  Plot,
  plotEigenspectrum,
  plotHistogram,
  plotLine,
  plotNetwork,
  plotRate,
  plotScatter,
  plotStem,
  plotWeights,
  type PointsTrace,
} from 'rockpool-node/plot';
import { eigenvalues, SparseMatrix, unitLambdaNet } from 'rockpool-node/weights';
import { codeOf, count, texts, wellFormed } from './helpers';

describe('plots of arrays', () => {
  it('are lines, a column each, at 0, 1, 2 without x', () => {
    const plot = plotLine([0, 1, 3], [[1, 2], [3, 4], [5, 6]], { label: ['a', null], lineStyle: 'dashed' }); // prettier-ignore
    const [a, b] = plot.traces as LineTrace[];
    assert.deepEqual(
      [Array.from(a.x), Array.from(b.y), a.label, b.label, b.lineStyle],
      [[0, 1, 3], [2, 4, 6], 'a', null, 'dashed'],
    );
    assert.deepEqual(Array.from((plotLine([5, 6]).traces[0] as LineTrace).x), [0, 1]);
    assert.match(plot.toSvg(), /stroke-dasharray/);
    // A circle is no function of x, and stays whole.
    const x = Array.from({ length: 20_000 }, (_, i) => Math.cos(i));
    assert.equal((plotLine(x, x).traces[0] as LineTrace).x.length, 20_000);
    assert.equal(
      codeOf(() => plotLine([0, 1], [1])),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => plotLine([0], [1], { label: ['a', 'b'] })),
      'ERR_SHAPE',
    );
    wellFormed(plotLine([], []).toSvg());
  });

  it('are points and stems', () => {
    const svg = plotScatter([0, 1, 2], [2, 1, NaN], { label: 'points' }).toSvg();
    wellFormed(svg);
    const many = plotScatter(
      Float64Array.from({ length: 1_000_000 }, (_, i) => i % 1000),
      Float64Array.from({ length: 1_000_000 }, (_, i) => (i % 997) / 7),
    );
    assert.ok((many.traces[0] as PointsTrace).x.length < 1_000_000);
    wellFormed(plotStem([1, -2, 3]).toSvg());
    const [, path] = /d="([^"]*)"[^>]*stroke="#0072b2"/.exec(plotStem([1, -2, 3]).toSvg()) ?? [];
    assert.equal(path?.split('M').length, 4);
    assert.equal(codeOf(() => plotScatter([0, 1], [[1, 2], [3, 4]])), 'ERR_SHAPE'); // prettier-ignore
  });

  it('are histograms', () => {
    const plot = plotHistogram([0, 0.5, 1, 1.5, 2, NaN], { bins: 2 });
    const [{ edges, y }] = plot.traces as BarsTrace[];
    assert.deepEqual(
      [Array.from(edges), Array.from(y)],
      [
        [0, 1, 2],
        [2, 3],
      ],
    );
    const density = plotHistogram([0, 0.5, 1, 1.5, 2, 9], { bins: 4, range: [0, 2], density: true });
    const [bars] = density.traces as BarsTrace[];
    assert.ok(Math.abs(bars.y.reduce((a, b) => a + b, 0) * 0.5 - 1) < 1e-12);
    for (const values of [[], [3], [NaN, Infinity], [1e308, -1e308]]) wellFormed(plotHistogram(values).toSvg());
    assert.equal(
      codeOf(() => plotHistogram([1], { bins: 0 })),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => plotHistogram([1], { range: [1, 1] })),
      'ERR_VALUE',
    );
  });

  it('are rates of events', () => {
    const events = new TSEvent([0.1, 0.2, 0.6], [0, 1, 0], { tStart: 0, tStop: 1, numChannels: 2 });
    assert.deepEqual(Array.from((plotRate(events, { dt: 0.5 }).traces[0] as BarsTrace).y), [2, 1]);
    assert.deepEqual(Array.from((plotRate(events, { dt: 0.5, perChannel: false }).traces[0] as BarsTrace).y), [4, 2]);
    wellFormed(plotRate(new TSEvent()).toSvg());
    assert.equal(
      codeOf(() => plotRate({} as TSEvent)),
      'ERR_TYPE',
    );
  });
});

describe('plots of weights', () => {
  it('have colours of both signs around 0, or from 0 on', () => {
    const [signed] = plotWeights([[1, -3], [2, 0]]).traces as CellsTrace[]; // prettier-ignore
    assert.deepEqual([signed.colors, signed.limits], ['diverging', [-3, 3]]);
    const [positive] = plotWeights([[1, 3]]).traces as CellsTrace[];
    assert.deepEqual([positive.colors, positive.limits], ['sequential', [0, 3]]);
    const plot = plotWeights([[1, 3]], { limits: [-1, 1], diverging: true, label: 'w (mV)' });
    wellFormed(plot.toSvg());
    assert.ok(texts(plot.toSvg()).includes('w (mV)'));
    assert.equal(count(plot.toSvg(), 'image'), 2);
    for (const matrix of [[[0]], [[NaN]], [[1e308, -1e308]], NdArray.zeros([0, 3])])
      wellFormed(plotWeights(matrix).toSvg());
    assert.equal(
      codeOf(() => plotWeights([1, 2])),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => plotWeights([[1]], { limits: [1, 0] })),
      'ERR_VALUE',
    );
  });

  it('keep the largest weights of large matrices, sparse ones too', () => {
    const n = 3000;
    const sparse = new SparseMatrix({
      shape: [n, n],
      indptr: Float64Array.from({ length: n + 1 }, (_, i) => (i > 1234 ? 1 : 0)),
      indices: [2999],
      data: [-7],
    });
    const [trace] = plotWeights(sparse).traces as CellsTrace[];
    assert.deepEqual([trace.rows, trace.columns, trace.limits], [1000, 1000, [-7, 7]]);
    assert.equal(trace.values[411 * 1000 + 999], -7);
    const dense = NdArray.zeros([1, 5000]);
    dense.set(0, 4321, 2);
    assert.equal((plotWeights(dense).traces[0] as CellsTrace).values[864], 2);
  });

  it('have row 0 at the top', () => {
    const svg = plotWeights([[1], [2], [3]]).toSvg();
    const at = (text: string): number =>
      Number(
        new RegExp(`translate\\([^ ]+ ([\\d.]+)\\)[^>]*>${text}<`).exec(svg.slice(svg.indexOf('>0<') - 400))?.[1] ??
          NaN,
      );
    assert.ok(at('0') < at('2'), `${at('0')} ${at('2')}`);
  });

  it('show eigenvalues with the unit circle', () => {
    const matrix = unitLambdaNet(30, { seed: 1 });
    const plot = plotEigenspectrum(matrix);
    assert.deepEqual(
      plot.traces.map(({ type }) => type),
      ['line', 'points'],
    );
    const { real, imaginary } = eigenvalues(matrix);
    const trace = matrix.data.filter((_, i) => i % 31 === 0).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(real.reduce((a, b) => a + b, 0) - trace) < 1e-12);
    assert.ok(Math.abs(imaginary.reduce((a, b) => a + b, 0)) < 1e-12);
    assert.deepEqual(Array.from((plot.traces[1] as PointsTrace).x), Array.from(real));
    const both = plotEigenspectrum([[0, -1], [1, 0]], { target: plot, label: 'turned' }); // prettier-ignore
    assert.equal(both.traces.length, 3);
    assert.equal(plotEigenspectrum([[1]], { circle: null }).traces.length, 1);
    wellFormed(both.toSvg());
    assert.deepEqual(eigenvalues(SparseMatrix.fromDense([[0, -2], [2, 0]])).imaginary, Float64Array.of(2, -2)); // prettier-ignore
    assert.equal(
      codeOf(() => plotEigenspectrum([[1, 2]])),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => plotEigenspectrum([[NaN]])),
      'ERR_VALUE',
    );
  });
});

describe('diagrams', () => {
  const diagram = (plot: Plot): DiagramTrace => plot.traces[0] as DiagramTrace;
  const arrows = (plot: Plot): string[] =>
    diagram(plot).edges.map(
      ({ from, to }) => `${diagram(plot).nodes[from].text[0]}>${diagram(plot).nodes[to].text[0]}`,
    );

  it('show the layers of a network', () => {
    const input = new PassThrough(NdArray.zeros([1, 5]), { dt: 1, name: 'In & <b>' });
    const reservoir = new RecRateEuler(NdArray.zeros([5, 5]), { dt: 1, tau: 10, name: 'Res' });
    const readout = new PassThrough(NdArray.zeros([5, 2]), { dt: 1, name: 'Out' });
    const plot = plotNetwork(new Network(input, reservoir, readout, { name: 'net' }));
    assert.deepEqual(arrows(plot), ['Input>In & <b>', 'In & <b>>Res', 'Res>Res', 'Res>Out', 'Out>Output']);
    const svg = plot.toSvg();
    wellFormed(svg);
    for (const text of ['net', 'RecRateEuler', '1 channel', '5 to 2', 'In &amp; &lt;b&gt;'])
      assert.ok(texts(svg).includes(text), text);
    wellFormed(plotNetwork(reservoir).toSvg());
    wellFormed(plotNetwork(new Network()).toSvg());
  });

  it('show modules in a row, shortcuts and graphs', () => {
    const net = new Sequential(new Linear([2, 3]), new Residual(new Linear([3, 3]), new LIF(3)), new Linear([3, 1]));
    assert.deepEqual(arrows(plotNetwork(net)), [
      'Input>0_Linear',
      '0_Linear>0_Linear',
      '0_Linear>1_LIF',
      '1_LIF>2_Linear',
      '0_Linear>2_Linear',
      '2_Linear>Output',
    ]);
    wellFormed(plotNetwork(net).toSvg());
    wellFormed(plotNetwork(net.asGraph()).toSvg());
    for (const wrong of [null, {}, 3, 'net'])
      assert.equal(
        codeOf(() => plotNetwork(wrong as never)),
        'ERR_TYPE',
      );
  });
});

describe('Plot', () => {
  it('is plain data, and is made of it', () => {
    const plots = [
      plotLine([0, 1, 2], [0, NaN, 1], { label: 'a', title: 't', xLim: [0, 1] }),
      plotScatter([0, 1], [1, 2]),
      plotHistogram([1, 2, 3]),
      plotWeights([[1, 2]]),
      plotNetwork(new Linear([1, 2])),
    ];
    for (const plot of plots) {
      const text = JSON.stringify(plot);
      const again = new Plot(JSON.parse(text) as Plot);
      assert.deepEqual(JSON.parse(JSON.stringify(again)), JSON.parse(text));
      assert.equal(again.toSvg(), plot.toSvg());
    }
  });

  it('refuses what is no plot', () => {
    const line = { type: 'line', x: [0], y: [1] };
    const wrong: [unknown, string][] = [
      [null, 'ERR_TYPE'],
      [{ kind: 'pie' }, 'ERR_VALUE'],
      [{ kind: 'line', traces: 3 }, 'ERR_TYPE'],
      [{ kind: 'line', traces: [null] }, 'ERR_TYPE'],
      [{ kind: 'line', traces: [{ ...line, type: 'spline' }] }, 'ERR_VALUE'],
      [{ kind: 'line', traces: [{ ...line, y: [1, 2] }] }, 'ERR_SHAPE'],
      [{ kind: 'line', traces: [{ ...line, z: 1 }] }, 'ERR_TYPE'],
      [
        {
          kind: 'heatmap',
          traces: [{ type: 'cells', values: [1], rows: 2, columns: 1, extent: [0, 1, 0, 1], limits: [0, 1] }],
        },
        'ERR_SHAPE',
      ],
      [{ kind: 'diagram', traces: [{ type: 'diagram', nodes: [], edges: [{ from: 0, to: 0 }] }] }, 'ERR_VALUE'],
    ];
    for (const [spec, code] of wrong)
      assert.equal(
        codeOf(() => new Plot(spec as Plot)),
        code,
        JSON.stringify(spec),
      );
  });

  it('sets texts, and none of them when one is wrong', () => {
    const plot = plotLine([0, 1]);
    assert.equal(plot.set({ title: 'a', yLim: [0, 2], legend: false }), plot);
    assert.equal(
      codeOf(() => plot.set({ title: 'b', yLim: [2, 0] })),
      'ERR_VALUE',
    );
    assert.equal(plot.title, 'a');
    assert.equal(plot.set({ title: null }).title, null);
  });
});
