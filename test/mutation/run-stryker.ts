import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectDirs } from '../faults/run/project-dirs.ts';
import type { MutationReport } from './read-report.ts';

const { top, cacheDir } = projectDirs;
const workDir = join(top, '.local/mutation');

/** Lets StrykerJS change the files in every small way that it knows, one at a time, and run the command. */
export function runStryker(files: readonly string[], command: string): MutationReport {
  const stryker = installStryker();
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

/** The program, installed exactly as its lock file says. */
function installStryker(): string {
  const lock = join(import.meta.dirname, 'stryker');
  const dir = join(cacheDir, 'stryker');
  const program = join(dir, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  const lockText = readFileSync(join(lock, 'package-lock.json'), 'utf8');
  const stamp = join(dir, 'installed-lock.json');
  if (existsSync(program) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lockText) return program;
  mkdirSync(dir, { recursive: true });
  cpSync(lock, dir, { recursive: true });
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', options, { cwd: dir, stdio: 'inherit' });
  writeFileSync(stamp, lockText);
  return program;
}
