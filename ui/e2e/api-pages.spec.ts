// The description of the REST as people read it, without any outside request; one call is tried there.
import { expect, test } from './story.ts';

test('Swagger UI shows every operation and lets one be tried', async ({ page }) => {
  await page.goto('/apidocs/');
  await expect(page.getByRole('heading', { name: /^Quorate/ })).toBeVisible();
  for (const path of ['/api/v1/overview', '/api/v1/datasets', '/api/v1/fits', '/api/v1/searches', '/api/v1/jobs']) {
    await expect(page.getByRole('button', { name: new RegExp(`^get ${path}(\\s|$)`, 'i') }).first()).toBeVisible();
  }
  await page.getByRole('button', { name: /^get \/api\/v1\/services/i }).first().click();
  await page.getByRole('button', { name: 'Try it out' }).click();
  const answered = page.waitForResponse((response) => response.url().endsWith('/api/v1/services'));
  await page.getByRole('button', { name: 'Execute' }).click();
  expect((await answered).status()).toBe(200);
  await expect(page.getByText('"catalogue"').first()).toBeVisible();
});
