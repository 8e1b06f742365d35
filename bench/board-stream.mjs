/** The way of a board's events: the board model's transfers, the driver's decoder and queue, to arrays in JavaScript. */
import { checkEvents, streamEvents } from './lib/board.mjs';

const events = 40_000_000;

async function verify(output) {
  if (output.lost > 0 || output.received !== events) return `${output.received} of ${events} events came`;
  return checkEvents(2_000_000);
}

export default function define() {
  return [
    {
      name: 'events',
      title: `time per event, ${events / 1e6} million events from the board model to JavaScript, none lost`,
      unit: 'ns',
      run: () => streamEvents(events),
      value: ({ ms }) => (ms * 1e6) / events,
      verify,
      goal: { atMost: 50 },
    },
    {
      name: 'javascript',
      title: 'share of a core that the JavaScript thread takes of 20 million events a second',
      unit: '%',
      run: () => streamEvents(events),
      value: ({ threadMs, ms }) => (((threadMs ?? ms) * 1e6) / events) * 20e6 * 1e-9 * 100,
      verify,
      goal: { atMost: 5 },
    },
    {
      name: 'cpu',
      title: 'time of all threads per event, the model that makes it included',
      unit: 'ns',
      run: () => streamEvents(events),
      value: ({ allMs }) => (allMs * 1e6) / events,
      verify,
      goal: { atMost: 50 },
    },
  ];
}
