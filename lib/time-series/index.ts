/** Time series: the base class, continuous series, events. */
export { getGlobalTsPlottingBackend, setGlobalTsPlottingBackend, type PlottingBackendOptions } from './plotting-backend.js';
export { TimeSeries, type InplaceOptions, type Offset, type PrintOptions, type TimeSeriesOptions } from './time-series.js';
export { TSContinuous, type TrustedClocked, type TrustedContinuous } from './ts-continuous.js';
export type { TSContinuousOptions } from './continuous/init.js';
export type { FillConstant, FillValue, InterpKind } from './continuous/kinds.js';
export type { SamplerArgs } from './native.js';
