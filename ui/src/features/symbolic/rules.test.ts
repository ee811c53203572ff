// Rules are said as the server names them, and only those that were given.
import { expect, test } from 'vitest';
import { noRules, rulesRequest } from './rules.ts';

test('no rules say nothing', () => {
  expect(rulesRequest(noRules(), { x: 'm' })).toEqual({});
});

test('every rule is said', () => {
  const rules = { ...noRules(), must_use: ['x'], weights: 'w', group: 'site', given: ' a*x ', choices: 50, max_nesting: 0, per_size: 3, at_least: 0, defined: true, template: ' a*sin(_) ', trends: { x: 'rising' as const, z: '' as const } };
  expect(rulesRequest(rules, {})).toEqual({
    must_use: ['x'], weights: 'w', group: 'site', given: 'a*x', choices: 50, max_nesting: 0, per_size: 3, template: 'a*sin(_)',
    constraints: [{ kind: 'at_least', value: 0 }, { kind: 'rising', column: 'x' }, { kind: 'defined' }],
  });
});

test('units are those of the data set, unless others are given', () => {
  const rules = { ...noRules(), hasUnits: true, units: { x: 'km', z: ' ' } };
  expect(rulesRequest(rules, { x: 'm', y: 's', z: 'kg' })).toEqual({ units: { columns: { x: 'km', y: 's' }, constants_have_units: true } });
});
