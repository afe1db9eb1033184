import { appendFileSync } from 'node:fs';
import Mocha from 'mocha';

/** One line of the results file. */
export type TestResult =
  | {
      /** A hook is no test but takes time. */
      readonly outcome: 'passed' | 'failed' | 'skipped' | 'hook';
      readonly title: string;
      readonly file: string;
      /** Undefined for a test that did not run. */
      readonly durationMs?: number | undefined;
      /** The message of a failed test. */
      readonly message?: string | undefined;
    }
  /** Written when mocha finishes; without it the run was cut short. */
  | { readonly outcome: 'end' };

const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING, EVENT_HOOK_END, EVENT_RUN_END } =
  Mocha.Runner.constants;
/** A process still alive after this time prints what it holds open; scripts/test ends it a little later. */
const OPEN_AFTER_MS = 5000;
/** Shorter hooks are not reported. */
const HOOK_SHOWN_FROM_MS = 1000;

/**
 * mocha's spec output, plus one JSON line per test in the file named by the reporter option `results`. Each
 * line is written as its test ends, so the counts are right even if the process is killed. A failing hook
 * counts as a failed test, as in mocha.
 */
class ResultReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = (options.reporterOptions as { results?: string } | undefined)?.results;
    if (file === undefined) throw new Error('the reporter option results is missing');
    const write = (result: TestResult) => appendFileSync(file, `${JSON.stringify(result)}\n`);
    const record =
      (outcome: 'passed' | 'failed' | 'skipped' | 'hook') => (test: Mocha.Runnable, error?: unknown) => {
        const message = error instanceof Error ? error.message : undefined;
        write({
          outcome,
          title: test.fullTitle(),
          file: test.file ?? '',
          durationMs: test.duration,
          message,
        });
      };
    runner.on(EVENT_TEST_PASS, record('passed'));
    runner.on(EVENT_TEST_FAIL, record('failed'));
    runner.on(EVENT_TEST_PENDING, record('skipped'));
    runner.on(EVENT_HOOK_END, (hook: Mocha.Hook) => {
      if ((hook.duration ?? 0) >= HOOK_SHOWN_FROM_MS) record('hook')(hook);
    });
    runner.on(EVENT_RUN_END, () => {
      write({ outcome: 'end' });
      // Nothing is open any more. Node's own teardown from here once hung for half a minute, before it had
      // written the coverage; process.exit() writes it first.
      process.once('beforeExit', () => process.exit());
      // The timer does not keep the process alive, so a process that ends properly never prints this.
      setTimeout(
        () => console.log(`Still open: ${process.getActiveResourcesInfo().join(', ')}`),
        OPEN_AFTER_MS,
      ).unref();
    });
  }
}

// mocha loads the reporter with require(), which takes this export as the module.
export { ResultReporter as 'module.exports' };
