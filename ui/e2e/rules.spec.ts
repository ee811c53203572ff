// A search that keeps rules: further formulas of each size, columns, units.
import { expect, expectAccessible, formulaIn, paste, test } from './story.ts';

test('a search keeps the rules it is given', async ({ page }) => {
  const rows = Array.from({ length: 30 }, (_, row) => `${row + 1},${(row * 5) % 7},${3 * (row + 1) + 4}`);
  await paste(page, 'Ruled', ['x,b,y', ...rows].join('\n') + '\n');
  const formula = page.getByRole('region', { name: 'Chosen formula' });
  await expect(formulaIn(formula)).toHaveText(/3.*x.*4/);
  const search = page.getByRole('region', { name: 'Search', exact: true });
  await search.getByText('Quick').click();
  await search.getByText('Advanced options').click();
  await search.getByText('Rules for formulas').click();
  await search.getByRole('spinbutton', { name: 'Formulas per size' }).fill('3');
  await search.getByRole('combobox', { name: 'As x rises' }).selectOption('never fall');
  await search.getByRole('group', { name: 'Must use' }).getByRole('checkbox', { name: 'x', exact: true }).check();
  await search.getByRole('checkbox', { name: 'Keep units' }).check();
  await search.getByRole('textbox', { name: 'Unit of x' }).fill('furlong');
  await expectAccessible(page);
  await search.getByRole('button', { name: 'Search again' }).click();
  await expect(page.getByRole('alert')).toContainText('furlong');
  await search.getByRole('textbox', { name: 'Unit of x' }).fill('m');
  await search.getByRole('button', { name: 'Search again' }).click();
  await expect(page.getByRole('combobox', { name: 'Which search to show' })).toContainText('Search 2');
  await expect(formulaIn(formula)).toHaveText(/3.*x.*4/);
  await expect(page.getByRole('region', { name: 'Further formulas' })).toBeVisible();
  await expectAccessible(page);
});
