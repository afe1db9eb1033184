/**
 * `npm run mutate [-- FILE...]`: applies every mutation that StrykerJS knows to the shop's pure rules, one at
 * a time, and runs the unit and property tests of the rule. Exits with 1 if a mutant survives without a
 * reason in equivalent-mutants.ts.
 *
 * StrykerJS is installed on demand into the cache, according to the lock file in this folder: 176 packages
 * and 61 MB that nothing else needs.
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

/** Installs StrykerJS exactly as its lock file says and returns the path of the program. */
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
    // Names a file that does not exist: StrykerJS would rewrite an existing one with an API that TypeScript 7
    // no longer has.
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
