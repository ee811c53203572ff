// The shell: theme, keyboard, addresses that do not exist.
import { expect, expectAccessible, test } from './story.ts';

test('the dark theme is remembered and readable', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/');
  const theme = page.getByRole('button', { name: /^Theme/ });
  await theme.click();
  await theme.click();
  await expect(theme).toHaveAccessibleName('Theme: dark');
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.locator('html')).toHaveCSS('background-color', 'rgb(18, 20, 21)');
  await expect(page.getByRole('row', { name: 'linear function' })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'y=3*x+4' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'y=3*x+4' })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Columns' }).click();
  await expect(page.getByRole('cell', { name: 'whole number' }).or(page.getByRole('cell', { name: 'number' })).first()).toBeVisible();
  await expectAccessible(page);
});

test('everything is reached by keyboard', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('row', { name: 'cubic function' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('g');
  await page.keyboard.press('j');
  await expect(page.getByRole('heading', { level: 1, name: 'Jobs' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Go to a page or a data set' })).toBeFocused();
  await page.keyboard.type('cubic');
  await expect(page.getByRole('option', { name: /y=2/ })).toHaveAttribute('aria-selected', 'true');
  await expectAccessible(page);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'y=2*(x+1)^3+3' })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await expect(page.getByRole('heading', { level: 1, name: 'Data sets' })).toBeVisible();
  await page.goto('/no-such-page');
  await expect(page.getByRole('heading', { level: 1, name: 'There is no such page' })).toBeAttached();
  await expectAccessible(page);
});
