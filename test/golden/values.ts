/** Values of the recorded cases: Python's kinds as small classes, and how their JSON form is decoded. */
import { CaseFileError, type Json, type JsonObject } from './format.js';

/** A NumPy array, row-major. `data` holds numbers (booleans as 0 and 1), or null for Python's None. */
export class PyArray {
  constructor(
    readonly shape: readonly number[],
    readonly dtype: string,
    readonly data: readonly (number | null)[],
  ) {}

  /** Nested plain arrays; a number for a scalar. */
  nested(): unknown {
    const build = (dim: number, offset: number): unknown => {
      if (dim === this.shape.length) return this.data[offset];
      const stride = this.shape.slice(dim + 1).reduce((a, b) => a * b, 1);
      return Array.from({ length: this.shape[dim] }, (_, i) => build(dim + 1, offset + i * stride));
    };
    return build(0, 0);
  }

  with(data: readonly (number | null)[], shape: readonly number[] = this.shape): PyArray {
    return new PyArray(shape, this.dtype, data);
  }
}

export class PyTuple {
  constructor(readonly items: readonly unknown[]) {}
}

export class PyDict {
  constructor(readonly entries: ReadonlyMap<string, unknown>) {}
}

export class PySlice {
  constructor(
    readonly start: number | null,
    readonly stop: number | null,
    readonly step: number | null,
  ) {}

  /** The indices that this slice selects of `length` elements, by Python's rules. */
  indices(length: number): number[] {
    const step = this.step ?? 1;
    const clampTo = (i: number, low: number, high: number): number =>
      Math.min(Math.max(i < 0 ? i + length : i, low), high);
    const out: number[] = [];
    if (step > 0) {
      const stop = this.stop === null ? length : clampTo(this.stop, 0, length);
      for (let i = this.start === null ? 0 : clampTo(this.start, 0, length); i < stop; i += step) out.push(i);
    } else {
      const stop = this.stop === null ? -1 : clampTo(this.stop, -1, length - 1);
      for (let i = this.start === null ? length - 1 : clampTo(this.start, -1, length - 1); i > stop; i += step)
        out.push(i);
    }
    return out;
  }
}

export class PyFunction {
  constructor(readonly name: string) {}
}

export class PyClass {
  constructor(readonly name: string) {}
}

/** A recorded time series: the fields as they were recorded, decoded. */
export class PySeries {
  constructor(
    readonly type: string,
    readonly fields: ReadonlyMap<string, unknown>,
  ) {}

  with(changes: Record<string, unknown>): PySeries {
    return new PySeries(this.type, new Map([...this.fields, ...Object.entries(changes)]));
  }

  array(name: string): PyArray {
    return this.fields.get(name) as PyArray;
  }

  number(name: string): number {
    return this.fields.get(name) as number;
  }
}

/** The object of the case that is called `name`. */
export class PyRef {
  constructor(readonly name: string) {}
}

const notFinite: Record<string, number> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity };

function element(value: Json): number | null {
  if (typeof value === 'number' || value === null) return value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string' && value in notFinite) return notFinite[value];
  throw new CaseFileError(`expected an array element to be a number, received ${JSON.stringify(value)}`);
}

function decodeArray(value: JsonObject): PyArray {
  const shape = value['shape'] as number[];
  const data = (value['data'] as Json[]).map(element);
  const size = shape.reduce((a, b) => a * b, 1);
  if (data.length !== size)
    throw new CaseFileError(`an array of shape [${shape.join(', ')}] has ${data.length} elements`);
  return new PyArray(shape, value['dtype'] as string, data);
}

/** Decodes a JSON value. References stay references ({@link PyRef}). */
export function decode(value: Json): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decode);
  if (Array.isArray(value['shape']) && Array.isArray(value['data'])) return decodeArray(value);
  if (typeof value['type'] === 'string') {
    const { type, ...rest } = value;
    return new PySeries(type, new Map(Object.entries(rest).map(([k, v]) => [k, decode(v)])));
  }
  const keys = Object.keys(value);
  const content = value[keys[0]];
  if (keys.length === 1) {
    switch (keys[0]) {
      case 'num':
        return element(content);
      case 'tuple':
        return new PyTuple((content as Json[]).map(decode));
      case 'dict':
        return new PyDict(new Map(Object.entries(content as JsonObject).map(([k, v]) => [k, decode(v)])));
      case 'ref':
        return new PyRef(content as string);
      case 'slice':
        return new PySlice(...((content as Json[]).map((v) => decode(v)) as [number, number, number]));
      case 'function':
        return new PyFunction(content as string);
      case 'class':
        return new PyClass(content as string);
    }
  }
  throw new CaseFileError(`a value of unknown form: ${JSON.stringify(value).slice(0, 120)}`);
}
