import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installLockedTool } from '../../scripts/install-locked-tool.ts';
import { projectDirs } from '../faults/run/project-dirs.ts';
import type { MutationReport } from './read-report.ts';

const { top, cacheDir } = projectDirs;
const workDir = join(top, '.local/mutation');

/** Lets StrykerJS change the files in every small way that it knows, one at a time, and run the command. */
export function runStryker(files: readonly string[], command: string): MutationReport {
  const stryker = installLockedTool({
    lockDir: join(import.meta.dirname, 'stryker'),
    cacheDir,
    program: '@stryker-mutator/core/bin/stryker.js',
  });
  rmSync(workDir, { recursive: true, force: true });
  mkdirSync(workDir, { recursive: true });
  const reportFile = join(workDir, 'report.json');
  const settings = {
    testRunner: 'command',
    commandRunner: { command },
    mutate: files,
    // StrykerJS would rewrite it with an interface that TypeScript 7 no longer has; a file that does not
    // exist it leaves alone.
    tsconfigFile: 'no-tsconfig.json',
    disableTypeChecks: false,
    reporters: ['json'],
    jsonReporter: { fileName: reportFile },
    tempDirName: join(workDir, 'sandbox'),
    ignorePatterns: [
      '**',
      '!app/**',
      '!test/**',
      '!lib/**',
      '!scripts/**',
      '!localstack/**',
      '!.mocharc.json',
      '!package.json',
    ],
    concurrency: 2,
    timeoutMS: 20_000,
    allowEmpty: false,
  };
  const settingsFile = join(workDir, 'stryker.json');
  writeFileSync(settingsFile, JSON.stringify(settings));
  execFileSync(process.execPath, [stryker, 'run', settingsFile, '--logLevel', 'error'], {
    cwd: top,
    stdio: 'inherit',
  });
  return JSON.parse(readFileSync(reportFile, 'utf8')) as MutationReport;
}
