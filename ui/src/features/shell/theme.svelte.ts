// Light, dark or as the system says; remembered in this browser.

export type Theme = 'auto' | 'light' | 'dark';
const order: Theme[] = ['auto', 'light', 'dark'];
const key = 'quorate.theme';

class ThemeChoice {
  choice = $state<Theme>('auto');
  systemIsDark = $state(false);
  isDark = $derived(this.choice === 'dark' || (this.choice === 'auto' && this.systemIsDark));

  start() {
    const system = matchMedia('(prefers-color-scheme: dark)');
    this.systemIsDark = system.matches;
    system.addEventListener('change', (event) => (this.systemIsDark = event.matches));
    const stored = read();
    if (stored) this.set(stored);
  }

  next() {
    this.set(order[(order.indexOf(this.choice) + 1) % order.length] ?? 'auto');
  }

  set(choice: Theme) {
    this.choice = choice;
    if (choice === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    try {
      localStorage.setItem(key, choice);
    } catch {
      // A browser that forbids storage keeps the choice for this tab only.
    }
  }
}

function read(): Theme | null {
  try {
    return order.find((name) => name === localStorage.getItem(key)) ?? null;
  } catch {
    return null;
  }
}

export const theme = new ThemeChoice();
