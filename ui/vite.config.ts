// Builds the application into dist/, which the gateway embeds. Nothing is inlined: the content security policy
// of the server allows only its own files.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { weight } from './weight.ts';

const server = process.env.QUORATE_URL ?? 'http://localhost:5000';

export default defineConfig({
  plugins: [svelte(), weight()],
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { fs: { allow: ['..'] }, proxy: { '/api': server, '/apidocs': server } },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
