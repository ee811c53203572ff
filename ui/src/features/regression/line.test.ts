// The straight line of a data set is the plain one; other fits are looked at by choice.
import { expect, test } from 'vitest';
import type { Fit, FitOptions } from '../../api/types.ts';
import { theLine } from './line.ts';

const usual = { method: 'least_squares', shape: 'linear', intercept: true, weights: null, error_bars: null, subset: null, errors: 'classical' } as FitOptions;
const fit = (id: string, options: Partial<FitOptions> = {}, part: Partial<Fit> = {}): Fit =>
  ({ id, created_at: id, target: 'y', inputs: ['a', 'b'], data_set_version: 1, result: {}, options: { ...usual, ...options }, ...part }) as Fit;
const line = (...fits: Fit[]) => theLine(fits, 'y')?.id;

test('a robust, bent, weighted or shortened fit does not take the place of the line', () => {
  const others: Partial<FitOptions>[] = [{ method: 'huber' }, { shape: 'powers' }, { weights: 'w' }, { error_bars: 'e' }, { subset: 'bic' }, { intercept: false }];
  expect(line(fit('1'), ...others.map((options, i) => fit(String(i + 2), options)))).toBe('1');
  expect(line(fit('1', { method: 'ridge' }))).toBeUndefined();
});
test('other errors of the coefficients leave the line as it is', () => {
  expect(line(fit('1'), fit('2', { errors: 'hc3' }))).toBe('2');
});
test('the line is that of the target, of the newest version, by all columns', () => {
  expect(line(fit('1'), fit('2', {}, { target: 'z' }), fit('3', {}, { inputs: ['a'] }), fit('4', {}, { result: null }))).toBe('1');
  expect(line(fit('1'), fit('2', {}, { data_set_version: 2, inputs: ['a'] }))).toBe('2');
});
