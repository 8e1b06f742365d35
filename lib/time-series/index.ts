/** Time series: the base class, continuous series, events. */
export {
  getGlobalTsPlottingBackend,
  setGlobalTsPlottingBackend,
  type PlottingBackendOptions,
} from './plotting-backend.js';
export {
  TimeSeries,
  type InplaceOptions,
  type Offset,
  type PrintOptions,
  type TimeSeriesOptions,
} from './time-series.js';
export { TSContinuous, type TrustedClocked, type TrustedContinuous } from './ts-continuous.js';
export type { TSContinuousOptions } from './continuous/init.js';
export type { FillConstant, FillValue, InterpKind } from './continuous/kinds.js';
export type { SamplerArgs } from './native.js';
export { TSEvent, type EventClipOptions, type EventWindow } from './ts-event.js';
export type { TrustedEvents, TSEventOptions } from './event-init.js';
export type { ChannelSelection } from './event-arguments.js';
export type { EventRaster, FromRasterOptions, RasterInput, RasterOptions } from './event-raster.js';
export type { EventArgs } from './events-native.js';
export { fanoFactor, fanoFactorPerChannel, lv, type FanoOptions } from './analysis.js';
export { melSpectrogram, melSpectrogramAsync, type MelOptions } from './mel.js';
export type { SeriesOperand } from './continuous/arithmetic.js';
export type { ChannelSlice, Channels } from './continuous/channels.js';
export type { ClipOptions, ResampleOptions, SliceOptions } from './continuous/clip.js';
export type { FromClockedOptions } from './continuous/clocked.js';
export type { AppendTOptions, MergeOptions } from './continuous/join.js';
