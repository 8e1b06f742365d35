import assert from 'node:assert/strict';
import { setWarningHandler, TSContinuous, TSEvent } from 'rockpool-node';
import { Plot, type CellsTrace, type EventsTrace, type LineTrace } from 'rockpool-node/plot';
import { codeOf, count, texts, wellFormed } from './helpers';

const ten = Array.from({ length: 10 }, (_, i) => i / 10);
const lines = (plot: Plot): LineTrace[] => plot.traces as LineTrace[];

describe('TSContinuous.plot', () => {
  const series = new TSContinuous(
    ten,
    ten.map((t) => [t, 10 + t, 20 + t]),
    { name: 'three', units: 'V' },
  );

  it('has a line for each channel, labels, title and limits', () => {
    const plot = series.plot();
    assert.equal(plot.kind, 'line');
    assert.deepEqual(
      [plot.title, plot.xLabel, plot.yLabel, plot.xLim, plot.yLim],
      ['three', 'Time (s)', 'V', [0, 0.9], null],
    );
    assert.deepEqual(
      lines(plot).map(({ type, label, y }) => [type, label, y[9]]),
      [
        ['line', 'three 0', 0.9],
        ['line', 'three 1', 10.9],
        ['line', 'three 2', 20.9],
      ],
    );
    assert.deepEqual(Array.from(lines(plot)[0].x), ten);
  });

  it('chooses channels, then skips, then staggers', () => {
    const plot = series.plot({ channels: [2, 1, 0], skip: 2, stagger: 0.1 });
    assert.deepEqual(
      lines(plot).map(({ label, y }) => [label, y[0]]),
      [
        ['three 2', 20],
        ['three 0', 0.1],
      ],
    );
    // Three channels at 0.1, where the original fails.
    assert.deepEqual(
      lines(series.plot({ stagger: 0.1 })).map(({ y }) => y[0]),
      [0, 10.1, 20.2],
    );
  });

  it('samples at times, first or in the options, or every dt', () => {
    const at = [0.05, 0.15];
    for (const plot of [series.plot(at), series.plot({ times: at }), series.plot(Float64Array.from(at), {})]) {
      assert.deepEqual(Array.from(lines(plot)[0].x), at);
      assert.ok(Math.abs(lines(plot)[0].y[1] - 0.15) < 1e-12);
      assert.deepEqual(plot.xLim, at);
    }
    assert.equal(lines(series.plot({ dt: 0.3 }))[0].x.length, 3);
    assert.equal(
      codeOf(() => series.plot([5])),
      'ERR_TIME_RANGE',
    );
  });

  it('plots a periodic series beyond its period', () => {
    const periodic = new TSContinuous([0, 1], [0, 1], { periodic: true, tStop: 2 });
    const [line] = lines(periodic.plot([0, 1, 2, 3, 4]));
    assert.deepEqual(Array.from(line.y), [0, 1, 0, 1, 0]);
  });

  it('goes back and forth with times in disorder', () => {
    assert.deepEqual(Array.from(lines(series.plot([0.5, 0.1, 0.9]))[1].x), [0.5, 0.1, 0.9]);
  });

  it('adds to a target and leaves its texts and limits', () => {
    const target = series.plot({ channels: 0 });
    const other = new TSContinuous([0, 5], [1, 2], { name: 'other', units: 'A' });
    assert.equal(other.plot({ target, label: 'more' }), target);
    assert.deepEqual([target.title, target.yLabel, target.xLim], ['three', 'V', [0, 0.9]]);
    assert.deepEqual(
      lines(target).map(({ label }) => label),
      ['three', 'more'],
    );
    assert.equal(
      codeOf(() => other.plot({ target: {} as Plot })),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => other.plot({ target, width: -1 })),
      'ERR_VALUE',
    );
    assert.equal(target.traces.length, 2);
  });

  it('draws a path for each line, and a break where a sample is not finite', () => {
    const svg = series.plot().toSvg();
    wellFormed(svg);
    assert.equal(svg.match(/stroke="#0072b2"|stroke="#d55e00"|stroke="#009e73"/g)?.length, 6); // lines and keys
    for (const text of ['three', 'Time (s)', 'V', 'three 1', '0.2', '20']) assert.ok(texts(svg).includes(text), text);
    const broken = new TSContinuous([0, 1, 2, 3, 4], [0, 1, NaN, Infinity, 1]).plot().toSvg();
    const [, path] = /d="([^"]*)"[^>]*stroke="#0072b2"/.exec(broken) ?? [];
    assert.equal(path?.split('M').length, 3, path); // two samples, and one alone, of which no line is seen
    const twice = new TSContinuous([0, 1, 2, 3, 4], [0, 1, NaN, 1, 0]).plot().toSvg();
    const [, two] = /d="([^"]*)"[^>]*stroke="#0072b2"/.exec(twice) ?? [];
    assert.equal(two?.split('M').length, 3, two);
  });

  it('keeps the extremes of a million samples in little space', () => {
    const n = 1_000_000;
    const samples = new Float64Array(n);
    samples[123_456] = 7;
    samples[654_321] = -7;
    const plot = TSContinuous.fromClocked(samples, 1e-3).plot();
    const [{ x, y }] = lines(plot);
    assert.ok(x.length <= 4 * 1600);
    assert.deepEqual([Math.max(...y), Math.min(...y)], [7, -7]);
    assert.equal(x[y.indexOf(7)], 123_456 * 1e-3);
    assert.ok(plot.toSvg().length < 500_000);
  });

  it('copes with extreme values, one sample and none', () => {
    setWarningHandler(() => {});
    const cases: TSContinuous[] = [
      new TSContinuous([0, 1, 2], [1e308, -1e308, 1e308]),
      new TSContinuous([0, 1, 2], [5e-324, 0, 1e-320]),
      new TSContinuous([0, 1], [NaN, NaN]),
      new TSContinuous([0, 1], [Infinity, -Infinity]),
      new TSContinuous([1e300, 1.5e300], [1, 2]),
      new TSContinuous([3], [4]),
      new TSContinuous([0, 1, 2], [1, 1, 1]),
      new TSContinuous(),
      new TSContinuous([0, 1], [1e15, 1e15 + 1]),
    ];
    for (const one of cases) wellFormed(one.plot().toSvg());
    setWarningHandler(null);
  });

  it('refuses wrong options', () => {
    const wrong: [unknown, string][] = [
      [{ channels: 3 }, 'ERR_INDEX'],
      [{ skip: 0 }, 'ERR_VALUE'],
      [{ skip: 1.5 }, 'ERR_VALUE'],
      [{ stagger: NaN }, 'ERR_VALUE'],
      [{ stager: 1 }, 'ERR_TYPE'],
      [{ dt: 0 }, 'ERR_VALUE'],
      [{ color: 1 }, 'ERR_TYPE'],
      [{ lineStyle: 'wavy' }, 'ERR_VALUE'],
      [{ xLim: [1, 0] }, 'ERR_VALUE'],
      [{ xLim: [1] }, 'ERR_SHAPE'],
      [{ width: 1e9 }, 'ERR_VALUE'],
      ['text', 'ERR_TYPE'],
    ];
    for (const [options, code] of wrong)
      assert.equal(
        codeOf(() => series.plot(options as object)),
        code,
        JSON.stringify(options),
      );
  });
});

describe('TSEvent.plot', () => {
  const events = new TSEvent([0.1, 0.2, 0.3, 0.4], [0, 2, 1, 2], {
    tStart: 0,
    tStop: 1,
    numChannels: 4,
    name: 'spikes',
  });
  const marks = (plot: Plot): EventsTrace => plot.traces[0] as EventsTrace;

  it('has a mark for each event, and limits of extent and channels', () => {
    const plot = events.plot();
    assert.deepEqual(
      [plot.kind, plot.title, plot.xLabel, plot.yLabel, plot.xLim, plot.yLim],
      ['raster', 'spikes', 'Time (s)', 'Channels', [0, 1], [-1, 4]],
    );
    assert.deepEqual(
      [Array.from(marks(plot).x), Array.from(marks(plot).y)],
      [
        [0.1, 0.2, 0.3, 0.4],
        [0, 2, 1, 2],
      ],
    );
    const svg = plot.toSvg();
    wellFormed(svg);
    const [, path] = /d="([^"]*)"[^>]*stroke="#0072b2"/.exec(svg) ?? [];
    assert.equal(path?.split('M').length, 5, path);
  });

  it('shows events from the first limit to before the second, and of some channels', () => {
    for (const plot of [events.plot([0.2, 0.4]), events.plot({ timeLimits: [0.2, 0.4] })])
      assert.deepEqual(Array.from(marks(plot).x), [0.2, 0.3]);
    assert.deepEqual(Array.from(marks(events.plot([null, 0.2])).x), [0.1]);
    assert.deepEqual(Array.from(marks(events.plot({ channels: [2] })).x), [0.2, 0.4]);
    assert.equal(
      codeOf(() => events.plot([1])),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => events.plot({ timeLimits: 'ab' as never })),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => events.plot({ timeLimits: 3 as never })),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => events.plot({ channels: [9] })),
      'ERR_INDEX',
    );
  });

  it('counts events that are too many for marks', () => {
    const n = 200_000;
    const many = new TSEvent(
      Float64Array.from({ length: n }, (_, i) => i / n),
      Int32Array.from({ length: n }, (_, i) => i % 50),
      { tStart: 0, tStop: 1, numChannels: 50 },
    );
    const plot = many.plot();
    const cells = plot.traces[0] as CellsTrace;
    assert.equal(cells.type, 'cells');
    assert.equal(
      cells.values.reduce((a, b) => a + b, 0),
      n,
    );
    const svg = plot.toSvg();
    wellFormed(svg);
    assert.ok(svg.length < 500_000);
    assert.equal(count(svg, 'image'), 2); // and the bar
    assert.ok(texts(svg).includes('Events per pixel'));
  });

  it('copes with no events, one, and very many channels', () => {
    setWarningHandler(() => {});
    const wide = new TSEvent([0.5], [2_000_000_000], { tStart: 0, tStop: 1 });
    for (const one of [new TSEvent(), new TSEvent([0.5], [0]), wide, new TSEvent([], [], { numChannels: 3, tStop: 1 })])
      wellFormed(one.plot().toSvg());
    setWarningHandler(null);
  });

  it('shows what a name says and lets it do nothing', () => {
    const name = '</text><script>alert("1")</script> & {a|b}\u0000\ud800';
    const svg = new TSEvent([0.5], [0], { tStart: 0, tStop: 1, name }).plot({ label: name, legend: true }).toSvg();
    wellFormed(svg);
    assert.doesNotMatch(svg, /<script/);
    assert.ok(texts(svg).some((text) => text.includes('&lt;script&gt;')));
  });
});
