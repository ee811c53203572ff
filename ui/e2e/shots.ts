// Pictures for the documentation, taken from the real server: `npm run shots` writes them to docs/pictures.
import { resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, formulaIn, test } from './story.ts';

const directory = resolve(import.meta.dirname, '../../docs/pictures');

// The samples of a new server are all searched at its first start.
test.setTimeout(180_000);
test.use({ viewport: { width: 1360, height: 860 }, colorScheme: 'light' });

async function shoot(page: Page, name: string) {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: resolve(directory, `${name}.png`), animations: 'disabled' });
}

test('the first page', async ({ page }) => {
  await page.goto('/');
  const rows = page.getByRole('row');
  for (const description of ['linear function', 'quadratic function', 'cubic function']) {
    await expect(formulaIn(rows.filter({ hasText: description }))).toBeVisible();
  }
  await expect(page.getByText('Running').or(page.getByText('Waiting'))).toHaveCount(0, { timeout: 150_000 });
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await shoot(page, 'first-page');
});

test('a finished search', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'Planets: orbit and year' }).click();
  await expect(page.getByRole('button', { name: 'Search again' })).toBeVisible({ timeout: 150_000 });
  await expect(formulaIn(page.getByRole('region', { name: 'Chosen formula' }))).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: /./ })).toHaveCount(0);
  await shoot(page, 'finished-search');
});
