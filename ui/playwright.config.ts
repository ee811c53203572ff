// Stories in a real browser, against the real binary; see e2e/server.ts.
import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const debian = '/usr/bin/chromium';

export default defineConfig({
  testDir: 'e2e',
  projects: [{ name: 'stories' }, { name: 'shots', testMatch: /shots\.ts$/ }],
  outputDir: 'test-results',
  // One server, so that the searches of its samples, slow in a debug build, run only once.
  workers: 1,
  timeout: 240_000,
  expect: { timeout: 90_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  use: {
    viewport: { width: 1360, height: 900 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.QUORATE_CHROMIUM ?? (existsSync(debian) ? debian : undefined),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    },
  },
});
