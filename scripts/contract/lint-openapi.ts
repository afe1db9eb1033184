/**
 * `./scripts/run scripts/contract/lint-openapi.ts`: Spectral and Redocly check the OpenAPI document. Exits
 * with 1 if one of them finds anything, be it a hint, and with 3 if npm does not give them.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nameSchemas } from '../../app/http/contract/name-schemas.ts';
import { installLockedTool } from '../install-locked-tool.ts';
import { shopPaths } from '../shop/shop-paths.ts';
import { openApiOfRelease } from './openapi-of-release.ts';

const NOT_INSTALLED = 3;
const lockDir = join(import.meta.dirname, 'openapi-linters');

/** Programs with their arguments, to which the path of the document is added. */
const linters: Readonly<Record<string, readonly string[]>> = {
  '@stoplight/spectral-cli/dist/index.js': [
    'lint',
    '--fail-severity=hint',
    `--ruleset=${join(lockDir, 'spectral.yaml')}`,
  ],
  '@redocly/cli/bin/cli.js': ['lint', '--max-problems=1000', `--config=${join(lockDir, 'redocly.yaml')}`],
};

const programs = installed();
if (programs === undefined) process.exitCode = NOT_INSTALLED;
else process.exitCode = findNothing(programs) ? 0 : 1;

function installed(): { program: string; args: readonly string[] }[] | undefined {
  try {
    return Object.entries(linters).map(([program, args]) => ({
      program: installLockedTool({ lockDir, cacheDir: shopPaths.cache, program }),
      args,
    }));
  } catch (error) {
    process.stderr.write(`The linters cannot be installed: ${String(error)}\n`);
    return undefined;
  }
}

function findNothing(programs: readonly { program: string; args: readonly string[] }[]): boolean {
  const work = mkdtempSync(join(tmpdir(), 'rowlock-openapi-'));
  try {
    const file = join(work, 'openapi.json');
    writeFileSync(file, JSON.stringify(nameSchemas(openApiOfRelease()), undefined, 2));
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off' };
    const statuses = programs.map(
      ({ program, args }) =>
        spawnSync(process.execPath, [program, ...args, file], { env, stdio: 'inherit' }).status,
    );
    return statuses.every((status) => status === 0);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
