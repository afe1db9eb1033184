import { signal } from '@preact/signals';
import { api } from '../../shared/api.ts';

/** The balance in KRW as last heard; undefined while it is not known. */
export const balance = signal<number | undefined>(undefined);

/** Reads the balance again; without an answer the last one stays. */
export async function refreshBalance(): Promise<void> {
  try {
    balance.value = (await api.call('readBalance')).balance;
  } catch {
    // The page that needs it says what is wrong.
  }
}
