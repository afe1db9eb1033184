import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findBrowser } from '../../../localstack/browser/find-browser.ts';
import { installLockedTool } from '../../../scripts/install-locked-tool.ts';
import { shopPaths } from '../../../scripts/shop/shop-paths.ts';
import { machinePace } from '../../../scripts/test-suites/machine-pace.ts';

const run = promisify(execFile);
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;
const AUDIT_TIMEOUT_MS = 120_000;
/**
 * Lighthouse measures how long the page computes and multiplies it by 4, for a phone; the network is a model.
 * On a busy machine the page already computes so much slower.
 */
const PHONE_SLOWDOWN = 4;

export interface LighthouseReport {
  readonly categories: Readonly<Record<string, { readonly score: number | null }>>;
  readonly audits: Readonly<Record<string, LighthouseAudit>>;
}

interface LighthouseAudit {
  readonly id: string;
  readonly score: number | null;
  readonly displayValue?: string;
}

/** Installs Lighthouse and returns what audits a page with it. Throws where npm or Chromium is missing. */
export async function openLighthouse(): Promise<(url: string) => Promise<LighthouseReport>> {
  const program = installLockedTool({
    lockDir: join(import.meta.dirname, '../../browser/lighthouse'),
    cacheDir: shopPaths.cache,
    program: 'lighthouse/cli/index.js',
  });
  const { executable, env } = await findBrowser(shopPaths.cache, () => undefined);
  return async (url) => {
    const { stdout } = await run(
      process.execPath,
      [
        program,
        url,
        '--quiet',
        '--output=json',
        '--only-categories=performance,accessibility,best-practices',
        '--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage --disable-gpu',
        `--throttling.cpuSlowdownMultiplier=${PHONE_SLOWDOWN / machinePace()}`,
      ],
      {
        env: { ...process.env, ...env, CHROME_PATH: executable },
        maxBuffer: OUTPUT_MAX_BYTES,
        timeout: AUDIT_TIMEOUT_MS,
      },
    );
    return JSON.parse(stdout) as LighthouseReport;
  };
}
