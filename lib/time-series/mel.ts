/** Mel spectrogram: a sound as the power in bands that are spaced as the ear spaces them. */
import { native } from '../binding.js';
import { checkInstance, checkInteger, checkNumber, checkOneOf, checkOptions, rangeError } from '../check.js';
import { runTask, taskOptionNames, type TaskOptions } from '../task.js';
import type { MelArgs } from './mel-native.js';
import { TSContinuous } from './ts-continuous.js';

/** Options of {@link melSpectrogram}. */
export interface MelOptions {
  /** Number of bands. Default 40. */
  bands?: number;
  /** Length of the Hann window that is cut out for a frame, in seconds. Default 0.025. */
  window?: number;
  /** Time from frame to frame, in seconds. Default 0.01. */
  hop?: number;
  /** Lower edge of the lowest band, in Hz. Default 0. */
  fMin?: number;
  /** Upper edge of the highest band, in Hz. Default half the sample rate, and at most 8000. */
  fMax?: number;
  /** `'decibel'` (default): 10 log10 of the power; `'power'`: the mean square of the signal in the band. */
  scale?: 'decibel' | 'power';
  /** Smallest value in decibels. Default -100. */
  floor?: number;
}

const names = ['bands', 'window', 'hop', 'fMin', 'fMax', 'scale', 'floor'];

interface MelCall {
  args: MelArgs;
  result(samples: Float64Array): TSContinuous;
}

function prepare(ts: unknown, options: MelOptions): MelCall {
  const series = checkInstance(ts, 'ts', TSContinuous);
  const { clock } = series._axis;
  const rate = series.length < 2 ? 0 : clock ? 1 / clock.dt : native.evenSampleRate(series._axis.array);
  if (rate === 0) throw rangeError('ts', 'a series of two or more samples at even intervals', series);
  const bands = checkInteger(options.bands ?? 40, 'bands', { min: 1, max: 4096 });
  const window = checkNumber(options.window ?? 0.025, 'window', { min: 1 / rate, max: (1 << 22) / rate });
  const hop = checkNumber(options.hop ?? 0.01, 'hop', { positive: true });
  const fMin = checkNumber(options.fMin ?? 0, 'fMin', { min: 0, max: rate / 2 });
  const fMax = checkNumber(options.fMax ?? Math.min(8000, rate / 2), 'fMax', { max: rate / 2 });
  if (!(fMax > fMin)) throw rangeError('fMax', `greater than fMin (${fMin} Hz)`, fMax);
  const scale = checkOneOf(options.scale ?? 'decibel', 'scale', ['decibel', 'power']);
  const floor = checkNumber(options.floor ?? -100, 'floor');
  const channels = series.numChannels;
  const t0 = series._axis.first;
  return {
    args: [
      series._samples,
      channels,
      rate,
      bands,
      Math.round(window * rate),
      hop * rate,
      fMin,
      fMax,
      scale === 'decibel',
      floor,
    ],
    result: (samples) => {
      const n = samples.length / (channels * bands);
      return TSContinuous.clockedTrusted({
        samples,
        numChannels: channels * bands,
        t0,
        dt: hop,
        n,
        tStart: t0,
        tStop: t0 + (n - 1) * hop,
        interpKind: 'linear',
        name: series.name,
      });
    },
  };
}

/**
 * The power of an evenly sampled signal in mel bands: one sample for each `hop`, from a window centred on its time (zeros beyond
 * the signal's ends), interpolated linearly. A signal of C channels gives C * bands channels: all bands of the first, then of the
 * next. Band b is a triangle from edge b to edge b + 2 of `bands + 2` edges evenly spaced in mel. Powers are scaled so that white
 * noise of variance 1 has power 1 in all.
 *
 * @throws RangeError `ERR_VALUE` when the samples are not at even intervals, or an option is out of its bounds.
 */
export function melSpectrogram(ts: TSContinuous, options?: MelOptions): TSContinuous {
  const call = prepare(ts, checkOptions<MelOptions>(options, 'options', names));
  return call.result(native.melSpectrogram(...call.args));
}

/** {@link melSpectrogram} off the event loop, for long recordings. */
export async function melSpectrogramAsync(ts: TSContinuous, options?: MelOptions & TaskOptions): Promise<TSContinuous> {
  const checked = checkOptions<MelOptions & TaskOptions>(options, 'options', [...names, ...taskOptionNames]);
  const call = prepare(ts, checked);
  return call.result(await runTask(checked, (progress) => native.melSpectrogramAsync(...call.args, progress)));
}
