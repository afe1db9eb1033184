import type { Page } from 'playwright-core';

export interface Violations {
  /** Requests to origins that the pages may not use. */
  readonly foreign: readonly string[];
  /** What the page's policy refused. */
  readonly policy: readonly string[];
  /** Exceptions that no code caught. */
  readonly errors: readonly string[];
}

/** Collects what a page must never do. `origins`: those it may send requests to. */
export function watchPage(page: Page, origins: readonly string[]): Violations {
  const found = { foreign: [] as string[], policy: [] as string[], errors: [] as string[] };
  page.on('request', (request) => {
    const url = request.url();
    if (/^https?:/.test(url) && !origins.includes(new URL(url).origin)) found.foreign.push(url);
  });
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) found.policy.push(message.text());
  });
  page.on('pageerror', (error) => found.errors.push(error.message));
  return found;
}

/** The same in a form that a test compares: a page that behaves has none of each. */
export const noViolations: Violations = { foreign: [], policy: [], errors: [] };
