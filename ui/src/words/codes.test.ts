// Every code that the services and engines can tell has words in the catalogue of its context.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { Context } from './catalogues.ts';
import { known } from './words.ts';

const root = resolve(import.meta.dirname, '../../..');

/** The Rust text of a folder without its tests, which invent codes. */
function rust(folder: string): string {
  const path = resolve(root, folder, 'src');
  if (!existsSync(path)) return '';
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.rs') && !name.endsWith('tests.rs'))
    .map((name) => readFileSync(resolve(path, name), 'utf8').split('#[cfg(test)]')[0])
    .join('\n');
}

const contexts: [Context, string[]][] = [
  ['catalogue', ['services/catalogue']],
  ['regression', ['services/regression', 'engines/linreg', 'platform/harness']],
  ['symbolic', ['services/symbolic', 'engines/symreg', 'platform/harness']],
];

test.each(contexts)('the codes of %s have words', (context, folders) => {
  const text = folders.map(rust).join('\n');
  const codes = [...text.matchAll(/\b(Finding|Reason)::(?:new|info|warning|error)\(\s*"([\w-]+)"/g)];
  const keys = codes.map(([, kind = '', code = '']) => `${kind.toLowerCase()}-${code.replaceAll('_', '-')}`);
  expect(keys.filter((key) => known(context, key) === null)).toEqual([]);
});

test('the codes are found in the sources', () => {
  expect(rust('engines/symreg')).toContain('Reason::new(');
});
