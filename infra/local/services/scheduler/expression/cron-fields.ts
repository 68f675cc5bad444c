/** The six fields of a cron expression as EventBridge Scheduler reads them. */

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface Range {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** The first stands for `from`. */
  readonly words?: readonly string[];
}
const MINUTE: Range = { name: 'minutes', from: 0, to: 59 };
const HOUR: Range = { name: 'hours', from: 0, to: 23 };
const DAY_OF_MONTH: Range = { name: 'day-of-month', from: 1, to: 31 };
const MONTH: Range = { name: 'month', from: 1, to: 12, words: MONTHS };
const DAY_OF_WEEK: Range = { name: 'day-of-week', from: 1, to: 7, words: DAYS };
const YEAR: Range = { name: 'year', from: 1970, to: 2199 };

/** Whether a schedule runs on a day (midnight, as a local time). */
export type DayRule = (local: Date) => boolean;

export interface CronFields {
  /** Ascending. */
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly runsOn: DayRule;
  readonly lastYear: number;
}

export function parseCron(text: string): CronFields {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) throw new Error(`cron(${text}) has ${fields.length} fields instead of 6`);
  const [minute = '', hour = '', day = '', month = '', weekday = '', year = ''] = fields;
  if ((day === '?') === (weekday === '?')) {
    throw new Error(`cron(${text}): exactly one of day-of-month and day-of-week must be ?`);
  }
  const months = new Set(values(month, MONTH));
  const years = new Set(values(year, YEAR));
  const dayRule = weekday === '?' ? dayOfMonth(day) : dayOfWeek(weekday);
  return {
    minutes: values(minute, MINUTE),
    hours: values(hour, HOUR),
    runsOn: (local) => years.has(local.getUTCFullYear()) && months.has(local.getUTCMonth() + 1) && dayRule(local),
    lastYear: Math.max(...years),
  };
}

const lastDay = (local: Date) => new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 0)).getUTCDate();

function dayOfMonth(field: string): DayRule {
  if (field === 'L') return (local) => local.getUTCDate() === lastDay(local);
  if (field.includes('W')) throw new Error(`the laptop host doesn't play ${field} (nearest weekday) in day-of-month`);
  const days = new Set(values(field, DAY_OF_MONTH));
  return (local) => days.has(local.getUTCDate());
}

/** `6L`: the last Friday of a month; `3#2`: its second Tuesday. */
function dayOfWeek(field: string): DayRule {
  const [, last] = /^(\w+)L$/.exec(field) ?? [];
  if (last) {
    const day = value(last, DAY_OF_WEEK) - 1;
    return (local) => local.getUTCDay() === day && local.getUTCDate() > lastDay(local) - 7;
  }
  const [, which, count] = /^(\w+)#([1-5])$/.exec(field) ?? [];
  if (which) {
    const day = value(which, DAY_OF_WEEK) - 1;
    return (local) => local.getUTCDay() === day && Math.ceil(local.getUTCDate() / 7) === Number(count);
  }
  const days = new Set(values(field === 'L' ? 'SAT' : field, DAY_OF_WEEK));
  return (local) => days.has(local.getUTCDay() + 1);
}

function values(field: string, range: Range): number[] {
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const [span = '', step, extra] = part.split('/');
    const by = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(by) || by < 1 || extra !== undefined) throw wrong(field, range);
    const [first = '', second] = span.split('-');
    const from = first === '*' ? range.from : value(first, range);
    const open = first === '*' || (step !== undefined && second === undefined);
    const to = second === undefined ? (open ? range.to : from) : value(second, range);
    if (to < from) throw wrong(field, range);
    for (let one = from; one <= to; one += by) found.add(one);
  }
  return [...found].toSorted((a, b) => a - b);
}

function value(text: string, range: Range): number {
  const word = range.words?.indexOf(text.toUpperCase()) ?? -1;
  const number = word >= 0 ? word + range.from : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= range.from && number <= range.to)) throw wrong(text, range);
  return number;
}

const wrong = (field: string, { name, from, to }: Range) =>
  new Error(`'${field}' is no field of ${name} (${from} to ${to})`);
