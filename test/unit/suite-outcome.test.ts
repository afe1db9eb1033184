import { join } from 'node:path';
import { expect } from 'chai';
import type { TestResult } from '../../scripts/test-suites/result-reporter.ts';
import {
  skippedSuite,
  slowestLines,
  suiteOutcome,
  summaryLines,
  unmatchedPattern,
} from '../../scripts/test-suites/suite-outcome.ts';

const result = (
  outcome: 'passed' | 'failed' | 'skipped' | 'hook',
  title = 'a test',
  durationMs?: number,
): TestResult => ({ outcome, title, file: 'test/unit/a.test.ts', durationMs });
const end: TestResult = { outcome: 'end' };

describe('the outcome of a suite', () => {
  it('counts what mocha reported', () => {
    const outcome = suiteOutcome('unit', {
      results: [result('passed'), result('passed'), result('failed'), end],
      end: 'code 1',
      isFiltered: false,
    });
    expect(outcome).to.include({ passed: 2, failed: 1, skipped: 0, isBroken: true });
  });

  it('names each failed test with its file and message, on one line', () => {
    const file = join(process.cwd(), 'test/unit/a.test.ts');
    const failed: TestResult = {
      outcome: 'failed',
      title: 'adds up',
      file,
      message: 'expected 1\n  to be 2',
    };
    const outcome = suiteOutcome('unit', {
      results: [result('passed'), failed, end],
      end: 'code 1',
      isFiltered: false,
    });
    expect(summaryLines([outcome])).to.deep.equal([
      'unit failed: adds up (test/unit/a.test.ts): expected 1 to be 2',
      '1 passed, 1 failed, 0 skipped',
    ]);
  });

  it('lists the slowest tests and hooks of all suites, slowest first', () => {
    const run = (name: string, ...results: TestResult[]) =>
      suiteOutcome(name, { results: [...results, end], end: 'code 0', isFiltered: false });
    const outcomes = [
      run('unit', result('passed', 'quick', 20), result('skipped', 'not run')),
      run('e2e', result('hook', 'slow', 61_240), result('passed', 'middling', 1500)),
      skippedSuite('faults', '--suite chose others'),
    ];
    expect(slowestLines(outcomes, 2)).to.deep.equal(['   61.2 s  e2e: slow', '    1.5 s  e2e: middling']);
  });

  it('is a success when all tests passed', () => {
    const outcome = suiteOutcome('unit', {
      results: [result('passed'), end],
      end: 'code 0',
      isFiltered: false,
    });
    expect(outcome).to.include({ passed: 1, failed: 0, skipped: 0, isBroken: false });
  });

  it('is a failure when no test ran', () => {
    const outcome = suiteOutcome('unit', { results: [end], end: 'code 0', isFiltered: false });
    expect(outcome).to.include({ failed: 1, isBroken: true });
    expect(outcome.notes).to.deep.equal(['unit failed: ran no test']);
  });

  it('may be empty when tests were chosen by title', () => {
    const outcome = suiteOutcome('unit', { results: [end], end: 'code 0', isFiltered: true });
    expect(outcome).to.include({ passed: 0, failed: 0, isBroken: false });
  });

  it('is a failure when the process ended before its last test', () => {
    const outcome = suiteOutcome('e2e', {
      results: [result('passed')],
      end: 'signal SIGSEGV',
      isFiltered: false,
    });
    expect(outcome).to.include({ passed: 1, failed: 1, isBroken: true });
    expect(outcome.notes[0]).to.contain('signal SIGSEGV');
  });

  it('is a failure when an error outside any test ended it', () => {
    const outcome = suiteOutcome('e2e', {
      results: [result('passed'), end],
      end: 'code 7',
      isFiltered: false,
    });
    expect(outcome).to.include({ passed: 1, failed: 1, isBroken: true });
  });

  it('accepts a skipped test that says what it needs, and reports the reason', () => {
    const title = 'presigned uploads (needs LocalStack) refuse a tampered policy';
    const outcome = suiteOutcome('integration', {
      results: [result('passed'), result('skipped', title), end],
      end: 'code 0',
      isFiltered: false,
    });
    expect(outcome).to.include({ passed: 1, skipped: 1, isBroken: false });
    expect(outcome.notes).to.deep.equal(['integration: 1 skipped (needs LocalStack)']);
  });

  it('rejects any other skipped test', () => {
    const outcome = suiteOutcome('unit', {
      results: [result('passed'), result('skipped', 'adds up'), end],
      end: 'code 0',
      isFiltered: false,
    });
    expect(outcome).to.include({ skipped: 1, isBroken: true });
    expect(outcome.notes).to.deep.equal(['unit: a skipped test is not allowed: adds up']);
  });

  it('is a failure of the run when a pattern matched no test in any suite', () => {
    const outcome = unmatchedPattern('no such title');
    expect(outcome).to.include({ passed: 0, failed: 1, isBroken: true });
    expect(outcome.notes.join()).to.contain('--grep=no such title');
  });

  it('is summarised in the last line, below the reasons', () => {
    const ran = suiteOutcome('unit', { results: [result('passed'), end], end: 'code 0', isFiltered: false });
    const lines = summaryLines([ran, skippedSuite('faults', 'test/faults has no test file')]);
    expect(lines).to.deep.equal([
      'faults did not run: test/faults has no test file',
      '1 passed, 0 failed, 1 skipped',
    ]);
  });
});
