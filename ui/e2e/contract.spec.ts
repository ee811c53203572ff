// The types that the pages use are what the server describes in its OpenAPI document.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import openapi, { astToString } from 'openapi-typescript';
import { expect, test } from './story.ts';

const types = join(import.meta.dirname, '../src/api/types.ts');

/** The server's schemas that have the same name in the pages. */
const same = [
  'Band', 'Check', 'ClassFormula', 'Coefficient', 'ColumnProfile', 'Comparison', 'DataSet', 'DataSetDetail', 'Finding', 'Fit', 'FitOptions', 'FitResult', 'FittedNumber', 'Formula', 'FormulaForms',
  'Job', 'JobCounts', 'Member', 'OverviewItem', 'PathPoint', 'Points', 'Predictions', 'Problem', 'RankedForm', 'Reason', 'RowInfluence', 'Search', 'Subset', 'Uncertainty',
];
/** Those that have another one. */
const renamed: Record<string, string> = {
  FieldError: 'ProblemField', JobState: 'State', RowPage: 'Rows',
  Page_Job: 'Page<pages.Job>', FitPage: 'Page<pages.Fit>', SearchPage: 'Page<pages.Search>', OverviewPage: 'Page<pages.OverviewItem>',
};
/** What the document can't say: that points are pairs, and what a cell may be. */
const finer: Record<string, string> = { Points: '{ points: [number, number][] }', RowPage: '{ items: (number | string | null)[][] }' };
/** Types of the pages for what is not in the document: any arguments, and what the live stream sends. */
const own = ['Args', 'Changed', 'Progress'];

test('every type of the pages is compared', () => {
  const exported = [...readFileSync(types, 'utf8').matchAll(/^export type (\w+)/gm)].map(([, name]) => name);
  const compared = [...same, ...Object.values(renamed).map((name) => name.replace(/<.*/, '')), ...own];
  expect(exported.filter((name) => !compared.includes(name ?? ''))).toEqual([]);
});

test('the types of the pages are those of the server', async ({ request }, info) => {
  const description = await (await request.get('/api/v1/openapi.json')).json();
  const directory = info.outputPath('.');
  writeFileSync(info.outputPath('schema.d.ts'), astToString(await openapi({ ...description, paths: {} })));
  const lines = [...same.map((name) => [name, name] as const), ...Object.entries(renamed)].map(([theirs, ours]) => {
    const schema = `Sent<components['schemas']['${theirs}']>`;
    const sent = finer[theirs] ? `Omit<${schema}, keyof (${finer[theirs]})> & ${finer[theirs]}` : schema;
    return `export const of${theirs}: (sent: ${sent}) => pages.${ours} = (sent) => sent;`;
  });
  // The document marks what can be null as optional; it is always sent.
  const sent = 'type Sent<T> = T extends (infer U)[] ? Sent<U>[] : T extends object ? { [K in keyof T]-?: Sent<Exclude<T[K], undefined>> } : T;';
  const check = [`import type { components } from './schema.d.ts';`, `import type * as pages from '${types}';`, sent, ...lines];
  writeFileSync(info.outputPath('check.ts'), check.join('\n'));
  const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js');
  let complaints = '';
  try {
    execFileSync(process.execPath, [tsc, '--noEmit', '--strict', '--skipLibCheck', '--allowImportingTsExtensions', '--module', 'esnext', '--moduleResolution', 'bundler', '--target', 'es2023', 'check.ts'], { cwd: directory, encoding: 'utf8' });
  } catch (error) {
    complaints = (error as { stdout: string }).stdout;
  }
  expect(complaints).toBe('');
});
