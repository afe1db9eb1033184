/**
 * What a test opens and may leave behind when it fails: processes, connections, databases. Loaded by mocha
 * for every run (.mocharc.json), so that no failing test leaves anything for the next one.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

type Cleanup = () => Promise<void> | void;

const ofTest: Cleanup[] = [];
const ofRun: Cleanup[] = [];
const ofWork = new AsyncLocalStorage<Cleanup[]>();
let testIsRunning = false;
let runIsOver = false;

/**
 * Runs `action` after the current test or, when called from a `before` hook, after the whole run. It should
 * do nothing when the thing has been closed already: this is the net under the explicit close.
 */
export function onCleanup(action: Cleanup): void {
  const own = ofWork.getStore();
  // Opened by a hook that had failed elsewhere before it was ready.
  if (own !== undefined) own.push(action);
  else if (runIsOver) void action();
  else (testIsRunning ? ofTest : ofRun).push(action);
}

/**
 * Runs `work`, and what it has asked for with `onCleanup` after it: for work that is no test, or many times
 * in one.
 */
export async function withCleanup<T>(work: () => Promise<T>): Promise<T> {
  const actions: Cleanup[] = [];
  try {
    return await ofWork.run(actions, work);
  } finally {
    await runAll(actions);
  }
}

/** Last opened, first closed. All are tried, and the first failure is reported. */
async function runAll(actions: Cleanup[]): Promise<void> {
  const failures: unknown[] = [];
  for (let action = actions.pop(); action !== undefined; action = actions.pop()) {
    try {
      await action();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

// Root hooks: the first beforeEach and the last afterEach around every test.
export const mochaHooks = {
  beforeEach(): void {
    testIsRunning = true;
  },
  async afterEach(): Promise<void> {
    testIsRunning = false;
    await runAll(ofTest);
  },
  async afterAll(): Promise<void> {
    runIsOver = true;
    await runAll(ofRun);
  },
};
