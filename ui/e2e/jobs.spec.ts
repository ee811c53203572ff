// A long search is a job: it can be followed and cancelled, and its best formula is kept.
import { expect, expectAccessible, formulaIn, paste, table, test } from './story.ts';

test('a running search is cancelled and keeps its best formula', async ({ page }) => {
  const noisy = table(120, (row) => row / 12, (x) => 3 * Math.sin(2 * x) + 0.4 * x + 0.3 * Math.sin(97.3 * x * x));
  await paste(page, 'Noisy wave', noisy);
  // The search that a new data set starts by itself is short, but takes its time in a debug build.
  await expect(page.getByRole('button', { name: 'Search again' })).toBeVisible();
  await page.getByText('Deep').click();
  await page.getByRole('button', { name: 'Search again' }).click();
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  await expect(formulaIn(page.getByRole('main'))).toBeVisible();

  await page.getByRole('link', { name: 'Jobs' }).click();
  const row = page.getByRole('row', { name: /Noisy wave/ }).filter({ hasText: 'Running' });
  await expect(row).toBeVisible();
  for (const width of [390, 1280]) {
    await page.setViewportSize({ width, height: 844 });
    await expect(row.getByRole('button', { name: 'Cancel' })).toBeInViewport({ ratio: 1 });
  }
  await expectAccessible(page);
  await row.getByRole('link', { name: 'y by x' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 }).locator('..').getByText('Cancelled')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Retry' })).toBeEnabled();
  await expectAccessible(page);

  await page.getByRole('link', { name: 'Open the result' }).click();
  await expect(page.getByRole('button', { name: 'Search again' })).toBeVisible();
  await expect(formulaIn(page.getByRole('main'))).toBeVisible();
});
