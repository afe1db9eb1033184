/**
 * Closes what a test opens and may leave behind when it fails: processes, connections, databases. Loaded by
 * mocha for every run (.mocharc.json), so that no failing test affects the next one.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

type Cleanup = () => Promise<void> | void;

const ofTest: Cleanup[] = [];
const ofRun: Cleanup[] = [];
const ofWork = new AsyncLocalStorage<Cleanup[]>();
let testIsRunning = false;
let runIsOver = false;

/**
 * Runs `action` after the current test or, when called from a `before` hook, after the whole run. The action
 * must do nothing if the thing is already closed: it is the safety net under the explicit close.
 */
export function onCleanup(action: Cleanup): void {
  const own = ofWork.getStore();
  // Opened by a hook that had failed elsewhere before the thing was ready.
  if (own !== undefined) own.push(action);
  else if (runIsOver) void action();
  else (testIsRunning ? ofTest : ofRun).push(action);
}

/**
 * Runs `work`, then the actions that it registered with `onCleanup`: for work outside a test, or repeated
 * within one test.
 */
export async function withCleanup<T>(work: () => Promise<T>): Promise<T> {
  const actions: Cleanup[] = [];
  try {
    return await ofWork.run(actions, work);
  } finally {
    await runAll(actions);
  }
}

/** Runs the actions in reverse order. All of them run, and the first failure is reported. */
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
