// The request says what was chosen, and nothing that does not go together.
import { expect, test } from 'vitest';
import { applies, fitRequest, usual } from './choices.ts';

test('the usual choices need no options', () => {
  expect(fitRequest('s', { ...usual }, ['a', 'b'])).toEqual({ data_set_id: 's' });
});

test('choices are sent as the server names them', () => {
  const choices = { ...usual, target: 'y', inputs: ['a'], shape: 'spline' as const, knots: 3, errors: 'hc3' as const, weights: 'w', confidence: 99 };
  expect(fitRequest('s', choices, ['a', 'b'])).toEqual({
    data_set_id: 's', target: 'y', inputs: ['a'], options: { shape: 'spline', knots: 3, errors: 'hc3', weights: 'w', confidence: 0.99 },
  });
});

test('what does not go together is not sent', () => {
  const choices = { ...usual, method: 'lasso' as const, weights: 'w', errors: 'clustered' as const, groups: 'g', subset: 'bic' as const, intercept: false, penalty: 0.5, knots: 2 };
  expect(fitRequest('s', choices, ['a'])).toEqual({ data_set_id: 's', options: { method: 'lasso', penalty: 0.5 } });
  expect(applies('shape', { ...usual, method: 'theil_sen' })).toBe(false);
  expect(applies('compare_without', { ...usual, subset: 'bic' })).toBe(false);
});
