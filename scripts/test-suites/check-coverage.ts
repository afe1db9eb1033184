import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { SuiteOutcome } from './suite-outcome.ts';

const REPORT_TIMEOUT_MS = 120_000;
const OUTPUT_MAX_BYTES = 1024 * 1024;
const c8 = join(dirname(createRequire(import.meta.url).resolve('c8/package.json')), 'bin/c8.js');

/**
 * Merges the coverage of every test and app process in `dataDir` into one report under coverage/ and compares
 * it with the minimum in .c8rc.json. The comparison counts as one test, so that a breach cannot be
 * overlooked. A partial run gets only the report.
 */
export async function checkCoverage(
  dataDir: string,
  { isWholeRun }: { isWholeRun: boolean },
): Promise<{ outcome: SuiteOutcome | undefined; output: string }> {
  const floor = await readFloor();
  const { code, output } = await runReport(dataDir, isWholeRun ? [] : ['--check-coverage=false']);
  if (!isWholeRun) return { outcome: undefined, output };
  const isMet = code === 0;
  const outcome: SuiteOutcome = {
    name: 'coverage',
    passed: isMet ? 1 : 0,
    failed: isMet ? 0 : 1,
    skipped: 0,
    notes: isMet
      ? []
      : [
          'coverage failed: see the report above; ' +
            `the minimum is ${floor} % of the lines of app/ (.c8rc.json)`,
        ],
    isBroken: !isMet,
  };
  return { outcome, output };
}

function runReport(dataDir: string, options: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [c8, 'report', '--temp-directory', dataDir, ...options],
      { timeout: REPORT_TIMEOUT_MS, maxBuffer: OUTPUT_MAX_BYTES },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : 1, output: `${stdout}${stderr}` }),
    );
  });
}

async function readFloor(): Promise<number> {
  const settings = JSON.parse(await readFile('.c8rc.json', 'utf8')) as { lines: number };
  return settings.lines;
}
