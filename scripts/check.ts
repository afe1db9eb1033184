import { execFile } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from './run-command.ts';

const checks: Readonly<Record<string, readonly string[]>> = {
  'types of bin, lib, scripts, localstack and test': ['tsc', '-p', 'tsconfig.json'],
  'types of app': ['tsc', '-p', 'app/tsconfig.json'],
  'types of app/web': ['tsc', '-p', 'app/web/tsconfig.json'],
  lint: ['oxlint', '--type-aware', '--deny-warnings'],
  format: ['biome', 'format', '.'],
};
const OUTPUT_MAX_BYTES = 16 * 1024 * 1024;
const top = join(import.meta.dirname, '..');

const usage = `usage: npm run check

Checks types, lint and format in parallel. Prints their times, and the output of what fails.
`;

await runCommand(
  'check',
  async () => {
    parseArgs();
    const results = await Promise.all(Object.entries(checks).map(([name, command]) => check(name, command)));
    return results.every((isPassed) => isPassed) ? 0 : 1;
  },
  usage,
);

function check(name: string, [program = '', ...args]: readonly string[]): Promise<boolean> {
  const startMs = performance.now();
  const path = join(top, 'node_modules/.bin', program);
  return new Promise((resolve) => {
    execFile(path, args, { cwd: top, maxBuffer: OUTPUT_MAX_BYTES }, (error, stdout, stderr) => {
      const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
      console.log(`${error === null ? 'ok     ' : 'FAILED '} ${name} (${seconds} s)`);
      if (error !== null) console.log(`${stdout}${stderr}`.trim() || error.message);
      resolve(error === null);
    });
  });
}
