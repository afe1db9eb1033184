import { type Browser, chromium } from 'playwright-core';
import type { Log } from '../processes/log.ts';
import { findBrowser } from './find-browser.ts';

export interface OpenBrowserOptions {
  readonly cacheDir: string;
  readonly log: Log;
  /** Further arguments of Chromium. */
  readonly args?: readonly string[];
}

/** Starts Chromium without a window. Throws with the reason where there is none. */
export async function openBrowser({ cacheDir, log, args = [] }: OpenBrowserOptions): Promise<Browser> {
  const found = await findBrowser(cacheDir, log);
  return chromium.launch({
    executablePath: found.executable,
    env: { ...process.env, ...found.env },
    // Unpacked without root, Chromium's sandbox helper has no rights. It only opens this project's own pages.
    chromiumSandbox: false,
    args: ['--disable-dev-shm-usage', '--disable-gpu', ...args],
  });
}
