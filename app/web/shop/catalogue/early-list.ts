import type { Answer } from '../../client/rowlock-client.ts';
import { api } from '../../shared/api.ts';
import { paths } from '../paths.ts';

/** Products on a page of the list: four rows on a wide screen. */
export const PAGE_SIZE = 20;

let early: Promise<Answer<'listProducts'>> | undefined;

/** Asks for the first page of the catalogue while the words still load, if this visit begins there. */
export function askEarly(): void {
  if (location.pathname !== paths.list || location.search !== '') return;
  early = api.call('listProducts', { query: { sort: 'newest', limit: PAGE_SIZE } });
  // The view that takes it says what went wrong.
  early.catch(() => undefined);
}

/** What was asked for early, once. */
export function takeEarly(): typeof early {
  const taken = early;
  early = undefined;
  return taken;
}
