// The linear fit of a data set: what stands behind it, and what can be chosen for it.
import { expect, expectAccessible, formulaIn, paste, test } from './story.ts';

/** A line with a little scatter that is the same every time, and one row far off. */
function spoiled(): string {
  const rows = Array.from({ length: 40 }, (_, row) => `${row},${(row * 7) % 11},${row % 3},${3 * row + 4 + Math.sin(2.1 * row) + (row === 20 ? 400 : 0)}`);
  return ['x,b,site,y', ...rows].join('\n') + '\n';
}

test('a fit tells its assumptions, and a robust one is not dragged along', async ({ page }) => {
  await paste(page, 'Spoiled line', spoiled());
  await expect(page.getByRole('heading', { level: 1, name: 'Spoiled line' })).toBeVisible();
  await page.getByRole('tab', { name: 'Linear fit' }).or(page.getByRole('link', { name: 'Linear fit' })).first().click();
  const checks = page.getByRole('region', { name: 'Assumptions' });
  await expect(checks).toContainText('The residuals are not normal');
  const influential = page.getByRole('region', { name: 'Rows that move the fit most' });
  await expect(influential.getByRole('row').nth(1)).toContainText('21');
  await expectAccessible(page);

  const order = page.getByRole('region', { name: 'Linear fit' });
  await order.getByText('Advanced options').click();
  await order.getByRole('combobox', { name: 'Method' }).selectOption('Bisquare (robust)');
  await expect(order.getByRole('combobox', { name: 'Weights' })).toHaveCount(0);
  await order.getByRole('group', { name: 'Inputs' }).getByRole('checkbox', { name: 'x', exact: true }).check();
  await expectAccessible(page);
  await order.getByRole('button', { name: 'Fit again' }).click();
  await expect(order.getByRole('combobox', { name: 'Which fit to show' })).toContainText('Bisquare');
  await expect(formulaIn(order)).toContainText(/[23]\.\d*.*x/);
  await expect(page.getByRole('region', { name: 'Findings' })).toContainText('far from what the fit expects');
});

test('simple forms, powers and intervals of a single input', async ({ page }) => {
  const rows = Array.from({ length: 30 }, (_, row) => `${row + 1},${2 * (row + 1) ** 1.5 + Math.sin(row)}`);
  await paste(page, 'Power law', ['x,y', ...rows].join('\n') + '\n');
  await page.getByRole('tab', { name: 'Linear fit' }).or(page.getByRole('link', { name: 'Linear fit' })).first().click();
  const forms = page.getByRole('region', { name: 'Simple forms, the best first' });
  await expect(forms.getByRole('row').nth(1)).toContainText('power law');
  const order = page.getByRole('region', { name: 'Linear fit' });
  await order.getByText('Advanced options').click();
  await order.getByRole('combobox', { name: 'Shape' }).selectOption('powers of each column');
  await order.getByRole('spinbutton', { name: 'Degree' }).fill('3');
  await order.getByRole('spinbutton', { name: 'Confidence in %' }).fill('99');
  await order.getByRole('button', { name: 'Fit again' }).click();
  await expect(page.getByRole('columnheader', { name: '99 % low' }).first()).toBeVisible();
  await expect(page.getByRole('region', { name: 'In orthogonal terms' })).toContainText('P2 = ');
  await expectAccessible(page);
});
