import { parseArgs } from 'node:util';
import { runCommand } from '../../scripts/run-command.ts';
import { equivalentMutants } from './equivalent-mutants.ts';
import { type MutatedRule, mutatedRules } from './mutated-rules.ts';
import { readReport } from './read-report.ts';
import { runStryker } from './run-stryker.ts';
import { trySample } from './sample/try-sample.ts';

const usage = `usage: npm run mutate [-- FILE...]
       npm run mutate -- --sample N --seed S

Changes the pure rules of the shop in every small way that StrykerJS knows, one at a time, and runs the unit
and property tests of the rule. Exits with 1 when a change is not seen and equivalent-mutants.ts has no
reason.

--sample draws N changes of the SQL files and of the adapters, and runs the integration tests that cover the
changed file.

StrykerJS is fetched on demand into the cache, by the lock file in test/mutation: 176 packages and 61 MB.
`;

await runCommand(
  'mutate',
  async () => {
    const { values, positionals: files } = parseArgs({
      allowPositionals: true,
      options: { sample: { type: 'string' }, seed: { type: 'string' } },
    });
    const { sample, seed } = values;
    if (sample === undefined) {
      if (seed !== undefined) throw new Error('--seed needs --sample');
      return mutateRules(files) ? 0 : 1;
    }
    if (files.length > 0) throw new Error('--sample draws from all files: give it no FILE');
    if (!/^[1-9][0-9]{0,4}$/.test(sample)) throw new Error('--sample must be a number of mutants, from 1');
    await trySample({ size: Number(sample), seed: seed ?? '1' });
    return 0;
  },
  usage,
);

/** True if every mutant is seen or known to be equivalent. */
function mutateRules(wanted: readonly string[]): boolean {
  const rules = mutatedRules.filter(({ file }) => wanted.length === 0 || wanted.includes(file));
  if (rules.length === 0) throw new Error(`no rule is called ${wanted.join(', ')}`);
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
  return !hasFailed;
}

function mutate({ file, tests }: MutatedRule) {
  return runStryker([file], `node node_modules/mocha/bin/mocha.js --bail --reporter dot ${tests.join(' ')}`);
}
