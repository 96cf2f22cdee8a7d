const SPACE = '\u00A0'; // a number and its unit stay on one line
const THIN = '\u202F';

/** What stands for a value that is missing. Never 0. */
export const MISSING = '—';

/** Writes a count with thin spaces between thousands. */
export function count(value: number): string {
  if (!Number.isFinite(value)) return MISSING;
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, THIN);
}

/** Writes how long something has lasted: `0.3 s`, `12.8 s`, `1 m 48 s`, `2 d 4 h`. */
export function age(ms: number): string {
  if (!Number.isFinite(ms)) return MISSING;
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)}${SPACE}s`;
  return longAge(Math.max(60, Math.floor(seconds)));
}

/** As `age`, in whole seconds: for what lasts and is not waited for. */
export function wholeAge(ms: number): string {
  if (!Number.isFinite(ms)) return MISSING;
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds}${SPACE}s` : longAge(seconds);
}

/** Writes a duration that is over, with three significant digits: `377 ms`, `6.21 s`, `19.5 s`. */
export function exactDuration(ms: number): string {
  if (!Number.isFinite(ms)) return MISSING;
  if (ms < 999.5) return `${Math.round(ms)}${SPACE}ms`;
  const seconds = ms / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)}${SPACE}s`;
  return age(ms);
}

/** Writes a percentile, which is known to two digits: `14 ms`, `3.2 s`, `31 s`. */
export function roughDuration(ms: number): string {
  const [value, unit] = roughParts(ms);
  return unit === '' ? value : `${value}${SPACE}${unit}`;
}

/** As `roughDuration`, the number and its unit apart. */
export function roughParts(ms: number): readonly [value: string, unit: string] {
  if (!Number.isFinite(ms)) return [MISSING, ''];
  if (ms < 9.95) return [ms.toFixed(1), 'ms'];
  const rounded = Number(ms.toPrecision(2));
  if (rounded < 1_000) return [String(rounded), 'ms'];
  if (ms < 9_950) return [(ms / 1000).toFixed(1), 's'];
  if (ms < 59_500) return [String(Math.round(ms / 1000)), 's'];
  return [longAge(Math.round(ms / 1000)), ''];
}

/** Writes a share of 1 in whole percent. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)}%` : MISSING;
}

/** Writes the time of day in this page's zone: `14:03:22`, with `fraction` `14:03:22.418`. */
export function clockTime(at: number, fraction = false): string {
  const date = new Date(at);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  return fraction ? `${time}.${String(date.getMilliseconds()).padStart(3, '0')}` : time;
}

/** Writes a number and what it counts: `1 restart`, `3 restarts`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Writes a place in line: `7th`. */
export function ordinal(value: number): string {
  const ending = new Map([
    ['one', 'st'],
    ['two', 'nd'],
    ['few', 'rd'],
  ]);
  const rule = new Intl.PluralRules('en', { type: 'ordinal' }).select(value);
  return `${value}${ending.get(rule) ?? 'th'}`;
}

/** Writes a window of time: `5 min`. */
export function windowText(ms: number): string {
  return `${Math.round(ms / 60_000)}${SPACE}min`;
}

function longAge(totalSeconds: number): string {
  const seconds = Math.round(totalSeconds);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value}${SPACE}${unit}`)
    .join(SPACE);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
