/**
 * `npm run mutate [-- FILE...]`: changes the pure rules of the shop in every small way that StrykerJS knows,
 * one at a time, and runs the unit and property tests of the rule. Ends with 1 when a change is not seen and
 * equivalent-mutants.ts has no reason.
 *
 * StrykerJS is fetched on demand into the cache, by the lock file beside this one: 176 packages and 61 MB,
 * which nothing else needs.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectDirs } from '../faults/run/project-dirs.ts';
import { equivalentMutants } from './equivalent-mutants.ts';
import { type MutatedRule, mutatedRules } from './mutated-rules.ts';
import { type MutationReport, readReport } from './read-report.ts';

const top = join(import.meta.dirname, '../..');
const { cacheDir } = projectDirs;
const workDir = join(top, '.local/mutation');

const wanted = process.argv.slice(2);
const rules = mutatedRules.filter(({ file }) => wanted.length === 0 || wanted.includes(file));
if (rules.length === 0) throw new Error(`no rule is called ${wanted.join(', ')}`);
const stryker = installStryker();
let hasFailed = false;
const sums = { killed: 0, equivalent: 0, survived: 0 };
for (const rule of rules) {
  const { killed, equivalent, survived, stale } = readReport(mutate(rule), equivalentMutants);
  sums.killed += killed;
  sums.equivalent += equivalent;
  sums.survived += survived.length;
  console.log(`${rule.file}: ${killed} seen, ${equivalent} equivalent, ${survived.length} not seen`);
  for (const line of survived) console.log(`  not seen: ${line}`);
  for (const { original, replacement } of stale) {
    console.log(`  no mutant any more: ${original} → ${replacement}`);
  }
  hasFailed ||= survived.length > 0 || stale.length > 0;
}
console.log(`seen=${sums.killed} equivalent=${sums.equivalent} not seen=${sums.survived}`);
process.exitCode = hasFailed ? 1 : 0;

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

function mutate({ file, tests }: MutatedRule): MutationReport {
  rmSync(workDir, { recursive: true, force: true });
  mkdirSync(workDir, { recursive: true });
  const reportFile = join(workDir, 'report.json');
  const settings = {
    testRunner: 'command',
    commandRunner: {
      command: `node node_modules/mocha/bin/mocha.js --bail --reporter dot ${tests.join(' ')}`,
    },
    mutate: [file],
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
