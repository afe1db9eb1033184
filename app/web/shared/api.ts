import { signal } from '@preact/signals';
import { createRowlockClient, RowlockProblem } from '../client/rowlock-client.ts';
import { takeEarly } from './early-answers.ts';

export { RowlockProblem };

/** Counts the answers that said that there is no session; pages with a session watch it. */
export const sessionsRefused = signal(0);

/** Sends a request and notices that a session has ended. */
export async function watchedFetch(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const address = url instanceof Request ? url.url : url.toString();
  const reply = await (takeEarly(address) ?? fetch(url, init));
  const isLogIn = address.endsWith('/auth/login');
  if (reply.status === 401 && !isLogIn) sessionsRefused.value += 1;
  return reply;
}

/**
 * Attempts at a read: 200 and 400 ms apart, or as far as Retry-After says. Then the page says what is wrong.
 */
const ATTEMPTS = 3;

/** The API of this origin. The browser sends the session's cookie. */
export const api = createRowlockClient({ baseUrl: '', fetch: watchedFetch, attemptsMax: ATTEMPTS });

/** What went wrong, as far as a page tells them apart. */
export type Trouble = 'offline' | 'busy' | 'unavailable' | 'missing' | 'refused' | 'session' | 'broken';

/** A refusal by its code; anything else is a request without an answer. */
export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof RowlockProblem)) return navigator.onLine ? 'unavailable' : 'offline';
  if (error.status === 401) return 'session';
  if (error.status === 403) return 'refused';
  // No such thing, or an address that cannot be one.
  if (error.status === 404 || JSON.stringify(error.problem).includes('"path/')) return 'missing';
  if (error.status === 429 || error.code === 'busy_retry') return 'busy';
  if (error.status === 503) return 'unavailable';
  return 'broken';
}
