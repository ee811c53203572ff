// Numbers, times and files as people read them.
import { describe, expect, test } from 'vitest';
import { fileName, toCsv } from './csv.ts';
import { ago, bytes, count, duration, number, percent, secondsBetween, share } from './format.ts';

describe('numbers', () => {
  test.each([
    [0, '0'], [3.14159, '3.142'], [-0.5, '−0.5'], [1234.5678, '1,235'], [1.5e-7, '1.5e-7'], [-2e12, '−2e12'],
    [null, '–'], [undefined, '–'], [NaN, '–'], [Infinity, '∞'],
  ])('%s is shown as %s', (value, text) => expect(number(value)).toBe(text));

  test.each([
    [1, '1'], [0.5, '0.5000'], [0.99995, '0.99995'], [0.99949, '0.9994'], [0.9999876, '0.999987'], [1 - 1e-12, '> 0.99999999'], [-0.2, '−0.2000'], [null, '–'],
  ])('a share of %s is shown as %s, never rounded up to one', (value, text) => expect(share(value)).toBe(text));

  test.each([[0, '0 B'], [999, '999 B'], [1500, '1.5 kB'], [2.5e9, '2.5 GB']])('%s bytes are %s', (value, text) => expect(bytes(value)).toBe(text));
  test('counts are grouped, percents are bounded', () => {
    expect([count(1234567), count(null), percent(0.456), percent(1.2)]).toEqual(['1,234,567', '–', '46 %', '100 %']);
  });
});

describe('times', () => {
  test.each([[0.0123, '12 ms'], [3, '3 s'], [9.96, '10 s'], [75, '1 min 15 s'], [600, '10 min'], [7260, '2 h 1 min'], [null, '–']])(
    '%s seconds are %s', (value, text) => expect(duration(value)).toBe(text));
  test('are told as distances', () => {
    const now = Date.parse('2026-01-02T12:00:00Z');
    expect(ago('2026-01-02T11:59:55Z', now)).toBe('just now');
    expect(ago('2026-01-02T11:30:00Z', now)).toBe('30 min. ago');
    expect(ago('2026-01-01T12:00:00Z', now)).toBe('yesterday');
  });
  test('a span is never negative', () => {
    expect(secondsBetween('2026-01-02T12:00:01Z', '2026-01-02T12:00:00Z')).toBe(0);
    expect(secondsBetween(null, '2026-01-02T12:00:00Z')).toBeNull();
  });
});

describe('files', () => {
  test('quote what needs it', () => {
    expect(toCsv(['a', 'b'], [[1, 'x,"y"'], [null, 'two\nlines']])).toBe('a,b\r\n1,"x,""y"""\r\n,"two\nlines"\r\n');
  });
  test('get plain names', () => {
    expect(fileName('y=2*(x+1)^3+3 front', 'csv')).toBe('y-2-x-1-3-3-front.csv');
    expect(fileName('???', 'csv')).toBe('table.csv');
  });
});
