// What every story has: the real server, a page that must not ask any other host nor print errors, and a check of
// accessibility.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test as plain, type Locator, type Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { startServer } from './server.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export { expect };

export const test = plain.extend<{ complaints: string[] }, { server: string }>({
  server: [
    async ({}, use) => {
      const server = await startServer();
      await use(server.url);
      await server.stop();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ server }, use) => use(server),
  complaints: async ({}, use) => use([]),
  page: async ({ page, server, complaints }, use) => {
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith('http') && url.origin !== server) complaints.push(`asked another host: ${request.url()}`);
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // The browser prints every unsuccessful request; stories on bad input expect them.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
    });
    await use(page);
    expect(complaints).toEqual([]);
  },
});

/** No violation of WCAG on the page as it stands. */
export async function expectAccessible(page: Page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => {
    const { axe } = globalThis as unknown as { axe: { run: (options: object) => Promise<AxeResults> } };
    return axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
  });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ''}`).join(' | ')}`)).toEqual([]);
}

/** Creates a data set by pasting a table on the upload page. */
export async function paste(page: Page, name: string, table: string) {
  await page.goto('/data-sets/new');
  await page.getByRole('textbox', { name: 'or paste the table' }).fill(table);
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await page.getByRole('button', { name: 'Upload' }).click();
}

export function table(rows: number, x: (row: number) => number, y: (x: number) => number): string {
  const lines = Array.from({ length: rows }, (_, row) => `${x(row)},${y(x(row))}`);
  return ['x,y', ...lines].join('\n') + '\n';
}

/** The typeset formula within a part of the page. */
export function formulaIn(part: Locator): Locator {
  return part.getByRole('math').first();
}
