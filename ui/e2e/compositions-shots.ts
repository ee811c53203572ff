// Pictures of compositions for the documentation, from the real program's output: part of `npm run shots`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@playwright/test';
import { findBinary } from './server.ts';

const root = resolve(import.meta.dirname, '../..');
const pictures = join(root, 'docs/pictures');

test.use({ viewport: { width: 1360, height: 860 }, colorScheme: 'light', deviceScaleFactor: 1 });

function quorate(...options: string[]): string {
  const ended = spawnSync(findBinary(), options, { cwd: root, encoding: 'utf8' });
  expect(ended.stderr).toBe('');
  return ended.stdout;
}

test('the table in a terminal', async ({ page }) => {
  const command = ['compose', 'samples/cases/minigrid', '--all'];
  const text = `$ quorate ${command.join(' ')}\n${quorate(...command)}`;
  await page.setContent(`<style>
    body { margin: 0; background: #16181d }
    pre { font: 13px/1.35 monospace; color: #d7dae0; margin: 0; padding: 14px 18px; display: inline-block }
  </style><pre></pre>`);
  await page.locator('pre').evaluate((pre, text) => (pre.textContent = text), text);
  await page.locator('pre').screenshot({ path: join(pictures, 'compositions-terminal.png') });
});

test('the report', async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-report-'));
  try {
    const file = join(folder, 'report.html');
    quorate('compose', 'samples/cases/minigrid', '--all', '--html', file);
    await page.goto(pathToFileURL(file).href);
    await expect(page.getByRole('heading', { name: 'Smallest compositions' })).toBeVisible();
    await page.screenshot({ path: join(pictures, 'compositions-report.png') });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
