// The catalogues hold exactly the words that the application uses.
import { readdirSync, readFileSync } from 'node:fs';
import { FluentResource } from '@fluent/bundle';
import { describe, expect, test } from 'vitest';
import { catalogues } from './catalogues.ts';
import { known, t } from './words.ts';

const sources = readdirSync(new URL('..', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|svelte)$/.test(name) && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'))
  .join('\n');
const keysOf = (text: string) => new FluentResource(text).body.map(({ id }) => id);
const used = new Set([...sources.matchAll(/\bt\(\s*'([^']+)'/g)].map(([, key]) => key));
/** Keys put together at run time: `state-${state}` becomes a pattern. */
const patterns = [...sources.matchAll(/\bt\(`([^`]+)`/g)].map(([, text = '']) => new RegExp(`^${text.replaceAll(/\$\{[^}]+\}/g, '[\\w-]+')}$`));

describe('the words of the application', () => {
  const keys = keysOf(catalogues.ui);
  test('exist for every key in use', () => {
    expect(used.size).toBeGreaterThan(150);
    expect([...used].filter((key) => !keys.includes(key ?? ''))).toEqual([]);
    expect(patterns.filter((pattern) => !keys.some((key) => pattern.test(key)))).toEqual([]);
  });
  test('are all in use', () => {
    const asValue = (key: string) => sources.includes(`'${key}'`);
    expect(keys.filter((key) => !used.has(key) && !asValue(key) && !patterns.some((pattern) => pattern.test(key)))).toEqual([]);
  });
  test('follow the rules of plurals', () => {
    expect(t('upload-done', { name: 'A', rows: 1 })).toBe('A: one row read');
    expect(t('upload-done', { name: 'A', rows: 7 })).toBe('A: 7 rows read');
    expect(known('symbolic', 'finding-interpolates', { constants: 1, rows: 2 })).toBe('The formula has one constant for 2 rows: it may only repeat the data.');
    expect(known('regression', 'finding-few-groups', { groups: 1 })).toMatch(/^Only one group:/);
  });
  test('never count one of several', () => {
    // Of one there is a word; a number before a noun in the plural needs its own form for it.
    const counted = /\{ \$\w+ \} (bits|buses|columns|constants|formulas|groups|jobs|rows|searches|symbols|terms)\b/;
    const loose = Object.entries(catalogues).flatMap(([context, text]) => {
      const forms = text.split('\n').filter((line) => counted.test(line) && !/^\s+\*?\[/.test(line));
      return forms.map((line) => `${context}: ${line}`);
    });
    expect(loose).toEqual([]);
  });
});

test.each(Object.entries(catalogues))('the catalogue of %s names each key once, with words', (context, text) => {
  const keys = keysOf(text);
  const written = text.split('\n').filter((line) => /^[a-zA-Z][\w-]* =/.test(line)).length;
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.length).toBe(written);
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(known(context as keyof typeof catalogues, key, { count: 2, rows: 2, columns: 2 })).toBeTruthy();
});
