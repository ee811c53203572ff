// Starts the application.
import './style/fonts.css';
import './style/tokens.css';
import './style/base.css';
import './style/options.css';
import './style/print.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { live } from './api/live.svelte.ts';
import { theme } from './features/shell/theme.svelte.ts';
import { router } from './router.svelte.ts';

theme.start();
router.start();
live.start();
mount(App, { target: document.body });
