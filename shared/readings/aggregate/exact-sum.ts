/**
 * The sum of numbers as they were sent: exact, in decimal, so that neither the order of readings nor the way over summaries shows,
 * and 0.1 + 0.2 is 0.3. Short decimals, which sensors send, are added as integers of one scale; what doesn't fit, as a BigInt. Pure.
 */
import { JsonNumber, parseJson } from '../../platform/json-value.ts';

/** Of what is added as integers. Beyond it, a single long decimal would leave the others no room. */
const MOST_SCALE = 9;
const POWERS = Array.from({ length: MOST_SCALE + 1 }, (_, scale) => Number(`1e${scale}`));
/** Up to here decimals of a scale lie farther apart than doubles: a double is one of them at most. */
const MOST_UNITS = 2 ** 51;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i;

/** The number in units of 10^-scale, where it is a decimal of that scale. */
function unitsOf(number: number, scale: number): number | undefined {
  const power = POWERS[scale] as number;
  const units = Math.round(number * power);
  return Math.abs(units) <= MOST_UNITS && units / power === number ? units : undefined;
}

/** A decimal of any size: units of 10^-scale. */
interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

const rescaled = ({ units, scale }: Decimal, to: number) => (to === scale ? units : units * 10n ** BigInt(to - scale));

function sumOf(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { units: rescaled(a, scale) + rescaled(b, scale), scale };
}

function readDecimal(text: string): Decimal {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (whole === '') throw new RangeError('Not a decimal of this size');
  const scale = fraction.length - Number(exponent);
  const units = BigInt(sign + whole + fraction);
  return scale >= 0 ? { units, scale } : { units: rescaled({ units, scale }, 0), scale: 0 };
}

const nearest = ({ units, scale }: Decimal) => Number(`${units}e-${scale}`);
/** Beyond the doubles lies the largest. */
export const finite = (number: number) => Math.min(Math.max(number, -Number.MAX_VALUE), Number.MAX_VALUE);

/** An exact sum as JSON has it. */
export type SumValue = number | JsonNumber;

export class ExactSum {
  #units = 0;
  #scale = 0;
  #rest: Decimal | undefined;

  add(number: number): void {
    const units = unitsOf(number, this.#scale);
    if (units !== undefined) this.#addUnits(units);
    else if (!this.#widen(number)) this.#spill(readDecimal(String(number)));
  }

  /** Throws a RangeError for a number that no sum ever was. */
  addSum(sum: SumValue): void {
    if (typeof sum === 'number') this.add(sum);
    else this.#spill(readDecimal(sum.source));
  }

  /** The nearest double. */
  total(): number {
    return finite(nearest(this.#exact()));
  }

  mean(count: number): number {
    const exact = this.#exact();
    const sum = nearest(exact);
    return Number.isFinite(sum) ? sum / count : finite(nearest({ ...exact, units: exact.units / BigInt(count) }));
  }

  /** Equal for equal sums. */
  exact(): SumValue {
    const { units, scale } = this.#exact();
    const digits = String(units);
    let zeros = 0;
    while (zeros < scale && zeros < digits.length - 1 && digits.at(-1 - zeros) === '0') zeros += 1;
    const value = parseJson(`${digits.slice(0, digits.length - zeros)}e-${scale - zeros}`);
    return value instanceof JsonNumber ? value : Number(value);
  }

  #exact(): Decimal {
    const units = { units: BigInt(this.#units), scale: this.#scale };
    return this.#rest ? sumOf(units, this.#rest) : units;
  }

  #addUnits(units: number): void {
    const sum = this.#units + units;
    if (Number.isSafeInteger(sum)) this.#units = sum;
    else {
      this.#spill({ units: BigInt(this.#units), scale: this.#scale });
      this.#units = units;
    }
  }

  /** Takes up the smallest scale at which the number is an integer. */
  #widen(number: number): boolean {
    for (let scale = this.#scale + 1; scale <= MOST_SCALE; scale++) {
      const units = unitsOf(number, scale);
      if (units === undefined) continue;
      const sum = this.#units * (POWERS[scale - this.#scale] as number);
      const fits = Number.isSafeInteger(sum);
      if (!fits) this.#spill({ units: BigInt(this.#units), scale: this.#scale });
      [this.#units, this.#scale] = [fits ? sum : 0, scale];
      this.#addUnits(units);
      return true;
    }
    return false;
  }

  #spill(decimal: Decimal): void {
    this.#rest = this.#rest ? sumOf(this.#rest, decimal) : decimal;
  }
}
