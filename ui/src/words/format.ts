// Numbers, times and sizes as people read them.

import { t } from './words.ts';

const locale = 'en';
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const stamp = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : whole.format(value);
}

/** A measured number with the given significant digits; very large and small ones with a power of ten. */
export function number(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e7) return power(value, digits);
  return new Intl.NumberFormat(locale, { maximumSignificantDigits: digits }).format(value).replace('-', '−');
}

/** A share of explained variance: never rounded up to one, as that would claim an exact formula. */
export function share(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (value >= 1) return '1';
  const lacking = 1 - value;
  if (lacking < 5e-9) return '> 0.99999999';
  const digits = lacking < 5e-4 ? Math.ceil(-Math.log10(lacking)) + 1 : 4;
  const text = (Math.floor(value * 10 ** digits) / 10 ** digits).toFixed(digits);
  return (digits > 4 ? text.replace(/0+$/, '') : text).replace('-', '−');
}

export function percent(value: number): string {
  return `${Math.round(Math.min(1, Math.max(0, value)) * 100)} %`;
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size >= 100 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`;
  const rest = (value: number, unit: string) => (value ? ` ${value} ${unit}` : '');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min${rest(Math.floor(seconds % 60), 's')}`;
  return `${Math.floor(minutes / 60)} h${rest(minutes % 60, 'min')}`;
}

export function secondsBetween(from: string | null, to: string | null): number | null {
  return from && to ? Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000) : null;
}

export function time(at: string | null | undefined): string {
  return at ? stamp.format(new Date(at)) : '–';
}

/** A time that is near: without its date when it is of the same day. */
export function soon(at: string, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return isToday ? clock.format(new Date(at)) : time(at);
}

export function ago(at: string, now: number): string {
  const seconds = (Date.parse(at) - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 10) return t('just-now');
  if (size < 60) return relative.format(Math.round(seconds), 'second');
  if (size < 3600) return relative.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return relative.format(Math.round(seconds / 3600), 'hour');
  return relative.format(Math.round(seconds / 86_400), 'day');
}

/** The short form `1.3e-15`, which files and programs understand as well. */
function power(value: number, digits: number): string {
  const [mantissa = '', exponent = '0'] = value.toExponential(digits - 1).split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return `${short.replace('-', '−')}e${Number(exponent)}`;
}
