// A fresh server shows its samples with the formulas found for them.
import { expect, expectAccessible, formulaIn, test } from './story.ts';

test('the first start shows sample data with formulas', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1, name: 'Data sets' })).toBeVisible();
  for (const description of ['linear function', 'quadratic function', 'cubic function']) {
    const row = page.getByRole('row', { name: description });
    await expect(formulaIn(row)).toBeVisible();
    await expect(row.getByText('exact', { exact: true })).toBeVisible();
  }
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await expectAccessible(page);

  await page.getByRole('link', { name: 'y=2*(x+1)^3+3' }).click();
  const formula = page.getByRole('region', { name: 'Chosen formula' });
  await expect(formulaIn(formula)).toHaveText(/2.*\(.*x.*\+.*1.*\).*3.*\+.*3/);
  await expect(page.getByRole('img', { name: 'y over x' }).locator('canvas')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Linear fit' }).click();
  await expect(page.getByRole('region', { name: 'Coefficients' }).getByRole('row')).toHaveCount(3);
  await expectAccessible(page);
});

test('tables fit a page of 1280 points, and the first one a telephone', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  const hidden = (caption: string) =>
    page.getByRole('group', { name: caption }).first().evaluate((scroll) => scroll.scrollWidth - scroll.clientWidth);
  await page.goto('/');
  await expect(formulaIn(page.getByRole('row', { name: 'Ammonia lost up the stack' }))).toBeVisible();
  expect(await hidden('Data sets')).toBe(0);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await hidden('Data sets')).toBe(0);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('link', { name: 'Ammonia lost up the stack' }).click();
  await expect(formulaIn(page.getByRole('region', { name: 'Best formula of each size' }))).toBeVisible();
  expect(await hidden('Best formula of each size')).toBe(0);
  await page.getByRole('link', { name: 'Linear fit' }).click();
  await expect(page.getByRole('region', { name: 'Coefficients' }).getByRole('row')).toHaveCount(5);
  expect(await hidden('Coefficients')).toBe(0);
});
