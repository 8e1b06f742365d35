/** What `Network.evolve` returns: an object, or a map that keeps the series in files. */
import { TSDictOnDisk } from '../io/ts-dict-on-disk.js';
import type { TimeSeries } from '../time-series/time-series.js';
import type { NetworkOutputs } from './types.js';

export function makeOutputs(external: TimeSeries | null, onDisk: boolean): NetworkOutputs {
  const outputs = (onDisk ? new TSDictOnDisk() : {}) as NetworkOutputs;
  writeOutput(outputs, 'external', external);
  return outputs;
}

export function readOutput(outputs: NetworkOutputs, name: string): TimeSeries {
  return (outputs instanceof TSDictOnDisk ? outputs.get(name) : outputs[name]) as TimeSeries;
}

export function writeOutput(outputs: NetworkOutputs, name: string, series: TimeSeries | null): void {
  if (outputs instanceof TSDictOnDisk) outputs.set(name, series);
  else (outputs as Record<string, TimeSeries | null>)[name] = series;
}

/** Removes the files of outputs that nobody gets. */
export function disposeOutputs(outputs: NetworkOutputs): void {
  if (outputs instanceof TSDictOnDisk) outputs.dispose();
}
