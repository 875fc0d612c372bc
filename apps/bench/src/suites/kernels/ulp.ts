// e^x in integers of 160 bits behind the point, for measuring the errors of faster ones.

const bits = 160n;
const one = 1n << bits;

/** log 2 = 2 atanh(1/3). */
const ln2 = (() => {
  let sum = 0n;
  let power = (2n * one) / 3n;
  for (let k = 1n; power > 0n; k += 2n) {
    sum += power / k;
    power /= 9n;
  }
  return sum;
})();

/** A finite double times 2^160, rounded towards zero where it has more bits. */
function fixed(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const word = view.getBigUint64(0);
  const exponent = Number((word >> 52n) & 2047n);
  const fraction = word & 0xfffffffffffffn;
  const shift = BigInt(Math.max(1, exponent) - 1075) + bits;
  const significand = exponent === 0 ? fraction : fraction + (1n << 52n);
  const size = shift >= 0n ? significand << shift : significand >> -shift;
  return x < 0 ? -size : size;
}

/** |y − e^x| in units of the last place of e^x, for results that are normal numbers. */
export function expError(x: number, y: number): number {
  const n = Math.round(x / Math.LN2);
  const r = fixed(x) - BigInt(n) * ln2;
  let sum = one;
  let term = one;
  for (let k = 1n; term !== 0n; k++) {
    term = (term * r) / k / one;
    sum += term;
  }
  // e^x = sum · 2^n; y · 2^(-n) lies between 1/2 and 2 and is exact.
  const half = Math.trunc(n / 2);
  const scaled = fixed(y * 2 ** -half * 2 ** -(n - half));
  const unit = sum >= one ? one >> 52n : one >> 53n;
  const difference = scaled > sum ? scaled - sum : sum - scaled;
  return Number((difference * 1000n) / unit) / 1000;
}

/** The largest {@link expError} of y_k for e^{x_k}. */
export function worstExpError(x: Float64Array, y: Float64Array): number {
  let worst = 0;
  for (let k = 0; k < x.length; k++) worst = Math.max(worst, expError(x[k]!, y[k]!));
  return worst;
}
