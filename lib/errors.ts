/**
 * Errors. As in Node itself, a wrong kind of argument is a `TypeError`, a wrong value, shape or index a `RangeError`;
 * everything else (state, network structure, file, device, aborted) is a {@link RockpoolError}. All carry a stable `code`.
 */

/** The stable codes of every error that this library throws. */
export type ErrorCode =
  | 'ERR_TYPE' // wrong kind of argument (TypeError)
  | 'ERR_VALUE' // wrong value (RangeError)
  | 'ERR_SHAPE' // wrong shape or length (RangeError)
  | 'ERR_INDEX' // index out of range (RangeError)
  | 'ERR_TIME_RANGE' // time outside the defined range (RangeError)
  | 'ERR_KEY' // no such entry
  | 'ERR_BUSY' // the object is evolving
  | 'ERR_ABORTED' // stopped by an AbortSignal; `cause` is the signal's reason
  | 'ERR_NOT_FINITE' // a state became infinite or NaN
  | 'ERR_STATE' // not possible in the object's present state
  | 'ERR_FILE' // a file is missing, truncated or of another format
  | 'ERR_NOT_IMPLEMENTED' // a subclass has to provide it
  | 'ERR_NOT_TRAINABLE' // a module has no derivative
  | 'ERR_FAN_IN' // DynapSE: a neuron has more synapses than it has CAM cells (RangeError)
  | 'ERR_FAN_OUT' // DynapSE: a neuron projects to more chips than it has routes for (RangeError)
  | 'ERR_ALIASING' // DynapSE: a core cannot tell two sources apart (RangeError)
  | 'ERR_DIMENSION' // network: sizes of connected layers differ
  | 'ERR_CLASS' // network: a layer emits another kind of series than the next one accepts; unknown class in a file
  | 'ERR_CYCLE' // network: layers cannot be ordered
  | 'ERR_SYNC' // network: layers are at different times
  | 'ERR_DT' // network: no common time step
  | 'ERR_NAME' // a name is taken or unknown
  | 'ERR_SINGULAR' // a system of equations has no solution
  | 'ERR_BACKEND' // an optional package is needed and missing
  | 'ERR_NATIVE_LOAD' // the native library cannot be loaded
  | 'ERR_SIMD_TARGET' // ROCKPOOL_SIMD names an instruction set that is not available
  | 'ERR_NO_LIBUSB' // boards need the library libusb
  | 'ERR_NO_DEVICE' // no such board is plugged in
  | 'ERR_DEVICE_ACCESS' // no permission to open a board
  | 'ERR_DEVICE_BUSY' // another program has the board
  | 'ERR_DEVICE_FIRMWARE' // a board's firmware is of a version that is not known
  | 'ERR_DEVICE_LOGIC' // the same of its FPGA
  | 'ERR_DEVICE_TIMEOUT' // a board did not answer in time
  | 'ERR_DEVICE_IO' // a transfer from or to a board failed
  | 'ERR_DEVICE_CHIP' // a chip did not acknowledge a configuration word
  | 'ERR_DEVICE_LOST' // the board was unplugged
  | 'ERR_CLOSED' // the object was closed
  | 'ERR_NOMEM' // out of memory
  | 'ERR_INTERNAL'; // a bug in this library

/** Everything that is neither a wrong kind nor a wrong value of an argument. */
export class RockpoolError extends Error {
  /** Stable, machine-readable. */
  readonly code: string;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; details?: Record<string, unknown> }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = code === 'ERR_ABORTED' ? 'AbortError' : 'RockpoolError';
    this.code = code;
    if (options?.details) Object.assign(this, options.details);
  }
}

/** An error with a `code`. */
export type CodedError = Error & { code: string };

/** Adds `code` and further properties to a built-in error. */
export function withCode<E extends Error>(
  error: E,
  code: ErrorCode,
  details?: Record<string, unknown>,
): E & { code: ErrorCode } {
  return Object.assign(error, { code }, details);
}

/** The error for a run that `signal` stopped. */
export function abortError(signal: AbortSignal): RockpoolError {
  return new RockpoolError('ERR_ABORTED', 'the operation was aborted', { cause: signal.reason });
}
