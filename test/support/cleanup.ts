/**
 * What a test opens and may leave behind when it fails: processes, connections, databases. Loaded by mocha
 * for every run (.mocharc.json), so that no failing test leaves anything for the next one.
 */
type Cleanup = () => Promise<void> | void;

const ofTest: Cleanup[] = [];
const ofRun: Cleanup[] = [];
let testIsRunning = false;
let runIsOver = false;

/**
 * Runs `action` after the current test or, when called from a `before` hook, after the whole run. It should do
 * nothing when the thing has been closed already: this is the net under the explicit close.
 */
export function onCleanup(action: Cleanup): void {
  // Opened by a hook that had failed elsewhere before it was ready.
  if (runIsOver) void action();
  else (testIsRunning ? ofTest : ofRun).push(action);
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
