/** Eigenvalues of a square matrix, for a plot. */

/** Complex numbers, real and imaginary parts in turn. */
class Complex {
  constructor(
    readonly re: number,
    readonly im: number,
  ) {}
  plus = (z: Complex): Complex => new Complex(this.re + z.re, this.im + z.im);
  minus = (z: Complex): Complex => new Complex(this.re - z.re, this.im - z.im);
  times = (z: Complex): Complex => new Complex(this.re * z.re - this.im * z.im, this.re * z.im + this.im * z.re);
  scaled = (factor: number): Complex => new Complex(this.re * factor, this.im * factor);
  conjugate = (): Complex => new Complex(this.re, -this.im);
  size = (): number => Math.hypot(this.re, this.im);
  root(): Complex {
    const size = this.size();
    const re = Math.sqrt((size + this.re) / 2);
    return new Complex(re, Math.sign(this.im || 1) * Math.sqrt((size - this.re) / 2));
  }
}

/** A matrix with the same eigenvalues and nothing below its first subdiagonal, by elimination with pivots. */
function hessenberg(rows: number[][]): Complex[][] {
  const a = rows.map((row) => [...row]);
  const n = a.length;
  for (let m = 1; m < n - 1; m++) {
    let pivot = m;
    for (let i = m; i < n; i++) if (Math.abs(a[i][m - 1]) > Math.abs(a[pivot][m - 1])) pivot = i;
    if (a[pivot][m - 1] === 0) continue;
    [a[pivot], a[m]] = [a[m], a[pivot]];
    for (const row of a) [row[pivot], row[m]] = [row[m], row[pivot]];
    for (let i = m + 1; i < n; i++) {
      const factor = a[i][m - 1] / a[m][m - 1];
      for (let j = m - 1; j < n; j++) a[i][j] -= factor * a[m][j];
      for (const row of a) row[m] += factor * row[i];
    }
  }
  return a.map((row) => row.map((x) => new Complex(x, 0)));
}

/** The eigenvalue of the last two rows and columns of a block that is nearer to its corner. */
function shiftOf(h: Complex[][], last: number): Complex {
  const [a, d] = [h[last - 1][last - 1], h[last][last]];
  const half = a.minus(d).scaled(0.5);
  const root = half
    .times(half)
    .plus(h[last - 1][last].times(h[last][last - 1]))
    .root();
  const [one, other] = [half.plus(root), half.minus(root)];
  return d.plus(one.size() < other.size() ? one : other);
}

/** H - s = Q R becomes R Q + s, in the block from `first` to `last`. */
function step(h: Complex[][], first: number, last: number, shift: Complex): void {
  const rotations: [Complex, Complex][] = [];
  for (let k = first; k <= last; k++) h[k][k] = h[k][k].minus(shift);
  for (let k = first; k < last; k++) {
    const size = Math.hypot(h[k][k].size(), h[k + 1][k].size()) || 1;
    const [c, s] = [h[k][k].scaled(1 / size), h[k + 1][k].scaled(1 / size)];
    rotations.push([c, s]);
    for (let j = k; j <= last; j++) {
      const [x, y] = [h[k][j], h[k + 1][j]];
      h[k][j] = c.conjugate().times(x).plus(s.conjugate().times(y));
      h[k + 1][j] = c.times(y).minus(s.times(x));
    }
  }
  rotations.forEach(([c, s], at) => {
    const k = first + at;
    for (let i = first; i <= Math.min(k + 1, last); i++) {
      const [x, y] = [h[i][k], h[i][k + 1]];
      h[i][k] = x.times(c).plus(y.times(s));
      h[i][k + 1] = y.times(c.conjugate()).minus(x.times(s.conjugate()));
    }
  });
  for (let k = first; k <= last; k++) h[k][k] = h[k][k].plus(shift);
}

/** Real and imaginary parts of all eigenvalues, `[n, 2]` row by row: shifted QR steps (Francis 1961). */
export function eigenvalues(rows: number[][]): Float64Array {
  const h = hessenberg(rows);
  const found = new Float64Array(2 * h.length);
  const small = (k: number): boolean => h[k][k - 1].size() <= 1e-15 * (h[k][k].size() + h[k - 1][k - 1].size());
  let tries = 0;
  for (let last = h.length - 1; last >= 0;) {
    let first = last;
    while (first > 0 && !small(first)) first--;
    if (first === last) {
      found.set([h[last][last].re, h[last][last].im], 2 * last);
      last--;
      tries = 0;
    } else {
      if (++tries > 100) throw new Error('the eigenvalues did not converge');
      const unusual = tries % 10 === 0;
      step(h, first, last, unusual ? new Complex(h[last][last - 1].size(), 0) : shiftOf(h, last));
    }
  }
  return found;
}
