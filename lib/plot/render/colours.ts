/** Tables of 256 colours. Number 0 is transparent, for what has no value. */

type Rgb = readonly [number, number, number];

/** Blue, white, red, of equal lightness on both sides. */
const diverging: Rgb[] = [
  [5, 48, 97],
  [33, 102, 172],
  [67, 147, 195],
  [146, 197, 222],
  [247, 247, 247],
  [244, 165, 130],
  [214, 96, 77],
  [178, 24, 43],
  [103, 0, 31],
];

/** Dark blue through green to yellow, each step lighter than the last, as people with any colour vision see it. */
const sequential: Rgb[] = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [109, 205, 89],
  [180, 222, 44],
  [253, 231, 37],
];

/** Light to dark: more events are darker, and one is still seen. */
const density: Rgb[] = [
  [107, 174, 214],
  [49, 130, 189],
  [8, 81, 156],
  [8, 30, 80],
];

const scales = { diverging, sequential, density };

/** The colour at a share of 0 to 1 of a scale. */
function colourAt(scale: Rgb[], share: number): number[] {
  const at = share * (scale.length - 1);
  const i = Math.min(Math.floor(at), scale.length - 2);
  return scale[i].map((c, k) => Math.round(c + (scale[i + 1][k] - c) * (at - i)));
}

/** 256 x 3 bytes. */
export function colourTable(name: keyof typeof scales): Uint8Array {
  const table = new Uint8Array(768);
  for (let i = 1; i < 256; i++) table.set(colourAt(scales[name], (i - 1) / 254), 3 * i);
  return table;
}
