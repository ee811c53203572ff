// The types that the pages use are what the server describes in its OpenAPI document.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import openapi, { astToString } from 'openapi-typescript';
import { expect, test } from './story.ts';

/** The pages' type for each of the server's schemas. */
const pairs: Record<string, string> = {
  DataSet: 'DataSet',
  ColumnProfile: 'ColumnProfile',
  Coefficient: 'Coefficient',
  Member: 'Member',
  Job: 'Job',
  JobCounts: 'JobCounts',
  OverviewItem: 'OverviewItem',
  Reason: 'Reason',
  Formula: 'Formula',
};

test('the types of the pages are those of the server', async ({ request }, info) => {
  const description = await (await request.get('/api/v1/openapi.json')).json();
  const directory = info.outputPath('.');
  writeFileSync(info.outputPath('schema.d.ts'), astToString(await openapi({ ...description, paths: {} })));
  const types = join(import.meta.dirname, '../src/api/types.ts');
  const lines = Object.entries(pairs).map(
    ([theirs, ours]) => `export const of${theirs}: (sent: Sent<components['schemas']['${theirs}']>) => pages.${ours} = (sent) => sent;`,
  );
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
