// From a table to its formula, and what happens with a table that cannot be read.
import type { Locator } from '@playwright/test';
import { expect, expectAccessible, formulaIn, paste, table, test } from './story.ts';

test('a pasted table becomes a formula', async ({ page }) => {
  await paste(page, 'Falling stone', table(40, (row) => row / 10, (x) => 4.9 * x * x));
  await expect(page.getByRole('heading', { level: 1, name: 'Falling stone' })).toBeVisible();
  // A new data set is searched by itself.
  const formula = page.getByRole('region', { name: 'Chosen formula' });
  await expect(formulaIn(formula)).toHaveText(/4\.9.*x.*2/);
  await page.getByText('Quick').click();
  await page.getByRole('button', { name: 'Search again' }).click();
  await expect(page.getByRole('combobox', { name: 'Which search to show' })).toBeVisible();
  await expect(formulaIn(formula)).toHaveText(/4\.9.*x.*2/);
  await expect(page.getByRole('button', { name: 'Search again' })).toBeVisible();
  await expect(formula.getByText('exact', { exact: true })).toBeVisible();
  await expectAccessible(page);

  const front = page.getByRole('region', { name: 'Best formula of each size' });
  await front.getByRole('radio').first().check();
  await expect(page).toHaveURL(/size=/);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Formula from the front' })).toBeVisible();
  const file = page.waitForEvent('download');
  await front.getByRole('button', { name: 'CSV' }).click();
  expect((await file).suggestedFilename()).toBe('Falling-stone-front.csv');
});

test('bad cells and tables that cannot be read are told by row and column', async ({ page }) => {
  await paste(page, 'Spoiled', 'x,y,z\n1,2,1\n2,n.d.,4\n3,6,9\n4,8,16\n');
  const noticed = page.getByRole('region', { name: 'Noticed while reading' });
  await expect(noticed).toContainText('“n.d.”');
  await expect(noticed).toContainText('row 3, column y');
  await expectAccessible(page);

  await paste(page, 'Broken', 'x,y\n1,2\n2,"3\n4,5\n');
  await expect(page.getByRole('alert')).toContainText('row 3');
  await expect(page.getByRole('region', { name: 'First lines' }).getByText('2,"3')).toBeVisible();
  await expectAccessible(page);
  await page.goto('/?find=Broken');
  await expect(page.getByText('Nothing matches')).toBeVisible();
});

test('a newer search that finds less does not take the place of the formula', async ({ page }) => {
  await paste(page, 'Parabola', table(40, (row) => row / 4 - 5, (x) => 3 * x * x + 1));
  const formula = page.getByRole('region', { name: 'Chosen formula' });
  await expect(formula.getByText('exact', { exact: true })).toBeVisible();
  await page.getByText('Advanced options').click();
  await page.getByRole('spinbutton', { name: 'Largest size' }).fill('2');
  await page.getByText('Quick').click();
  await page.getByRole('button', { name: 'Search again' }).click();
  await expect(formula).toContainText('A newer search found no better formula.');
  await expect(formula.getByText('exact', { exact: true })).toBeVisible();
  await expectAccessible(page);
  await formula.getByRole('button', { name: 'Show what it found' }).click();
  await expect(page).toHaveURL(/search=/);
  await expect(formula.getByText('exact', { exact: true })).toHaveCount(0);
});

test('a wide table does not push the others off the lists', async ({ page }) => {
  const names = Array.from({ length: 60 }, (_, i) => `a_rather_long_name_${i}`);
  const rows = Array.from({ length: 90 }, (_, row) => names.map((_, i) => Math.round(1e3 * Math.sin(1 + row * (i + 1) * 1.7)) / 1e3).join(','));
  await paste(page, 'Wide', [names.join(','), ...rows].join('\n') + '\n');
  await expect(page.getByRole('heading', { level: 1, name: 'Wide' })).toBeVisible();
  const height = async (row: Locator) => (await row.boundingBox())?.height ?? Infinity;
  await page.goto('/?find=Wide');
  const set = page.getByRole('row', { name: 'Wide' });
  await expect(set.getByText(/^R²/)).toBeVisible();
  expect(await height(set)).toBeLessThan(130);
  await page.goto('/jobs');
  const job = page.getByRole('row', { name: /Linear fit · Wide/ });
  await expect(job).toBeVisible();
  expect(await height(job)).toBeLessThan(90);
});

test('a table without two columns of numbers, and files that are none, are told in words', async ({ page }) => {
  const refused: string[] = [];
  page.on('response', (response) => response.status() >= 400 && refused.push(`${response.status()} ${response.url()}`));
  await paste(page, 'Places', 'place,kind,height\nA,hill,3\nB,vale,1\nC,hill,4\n');
  const why = page.getByRole('region', { name: 'No formula can be found in this table' });
  await expect(why).toContainText('Here only “height” holds numbers.');
  await expect(why.getByRole('listitem')).toHaveText(['place: text, such as “A”', 'kind: text, such as “hill”']);
  await expect(page.getByRole('button', { name: 'Search' })).toHaveCount(0);
  await expectAccessible(page);
  await why.getByRole('link', { name: 'Bring the corrected table' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'New version of Places' })).toBeVisible();
  await page.goto('/?find=Places');
  const row = page.getByRole('row', { name: 'Places' });
  await expect(row.getByRole('link', { name: 'No numbers in: place, kind' })).toBeVisible();
  await expectAccessible(page);
  await page.goto('/data-sets/new');
  const choose = page.locator('input[type=file]');
  await choose.setInputFiles({ name: 'empty.csv', mimeType: 'text/csv', buffer: Buffer.alloc(0) });
  await expect(page.getByText('The file is empty.')).toBeVisible();
  await page.getByRole('button', { name: 'Take another' }).click();
  await choose.setInputFiles({ name: 'book.csv', mimeType: 'text/csv', buffer: Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 1]) });
  await expect(page.getByText('This file is not text.')).toBeVisible();
  await expectAccessible(page);
  expect(refused).toEqual([]);
});
