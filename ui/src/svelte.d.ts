// Svelte components as modules, for the plain TypeScript files.
/// <reference types="svelte" />
/// <reference types="vite/client" />
