// The budget of the first load, see weight.ts.
import { expect, test } from 'vitest';
import { budgets, overweight } from '../weight.ts';

test('pieces within their budgets pass, heavier ones are named', () => {
  const piece = (name: string, bytes: number, isLazy = false) => ({ name, bytes, isLazy });
  expect(overweight([piece('a', budgets.firstLoad), piece('chart', budgets.lazyChunk, true)])).toEqual([]);
  expect(overweight([piece('a', budgets.firstLoad), piece('b', 1)])).toEqual([expect.stringContaining('first load weighs 120001')]);
  expect(overweight([piece('chart', budgets.lazyChunk + 1, true)])).toEqual([expect.stringContaining('chart weighs 230001')]);
});
