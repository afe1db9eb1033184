import { effect, signal } from '@preact/signals';
import { keptForever } from './kept-values.ts';

/** `system` follows the browser. */
export type Theme = 'system' | 'light' | 'dark';

const kept = keptForever.read('theme');
export const theme = signal<Theme>(kept === 'light' || kept === 'dark' ? kept : 'system');

effect(() => {
  const { dataset } = document.documentElement;
  if (theme.value === 'system') delete dataset['theme'];
  else dataset['theme'] = theme.value;
});

export function chooseTheme(chosen: Theme): void {
  keptForever.write('theme', chosen === 'system' ? undefined : chosen);
  theme.value = chosen;
}

/** Whether the page is dark now, by choice or by the system. */
export function isDark(): boolean {
  if (theme.value !== 'system') return theme.value === 'dark';
  return matchMedia('(prefers-color-scheme: dark)').matches;
}
