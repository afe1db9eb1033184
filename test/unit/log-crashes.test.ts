import { execFile } from 'node:child_process';
import { expect } from 'chai';
import { onThisMachine } from '../support/on-this-machine.ts';

const CANARY = 'canary-51c0';
const urlOf = (file: string) =>
  JSON.stringify(new URL(`../../app/platform/observe/${file}`, import.meta.url).href);

/** Output and exit code of a process that sets up its log and then runs this code. */
function run(code: string): Promise<{ output: string; exitCode: unknown }> {
  const script = `
    import { createLog } from ${urlOf('log.ts')};
    import { logCrashes } from ${urlOf('log-crashes.ts')};
    logCrashes(createLog({ level: 'error', role: 'test', stage: 'unit' }));
    ${code}
    setInterval(() => {}, 1000);`;
  return new Promise((resolve) => {
    const options = { timeout: onThisMachine(10_000) };
    execFile(process.execPath, ['--input-type=module', '-e', script], options, (error, stdout, stderr) => {
      resolve({ output: `${stdout}${stderr}`, exitCode: error?.code });
    });
  });
}

describe('a crash', () => {
  const crashes: Readonly<Record<string, string>> = {
    'an error that is thrown where nobody catches it': 'setImmediate(() => { throw failure; });',
    'a promise that is rejected and that nobody waits for': 'Promise.reject(failure);',
    'an error that something is caused by':
      "setImmediate(() => { throw new Error('outer', { cause: failure }); });",
  };
  for (const [what, code] of Object.entries(crashes)) {
    it(`ends the process with one line that omits what drivers attach to errors: ${what}`, async () => {
      const failure = `const failure = Object.assign(new Error('it failed'), {
        code: 'E', input: 'mysql://rowlock:${CANARY}@db/shop', sql: "SELECT '${CANARY}'",
        command: { name: 'auth', args: ['${CANARY}'] } });`;
      const { output, exitCode } = await run(`${failure} ${code}`);
      expect(exitCode).to.equal(1);
      const lines = output.trim().split('\n');
      expect(lines, output).to.have.lengthOf(1);
      const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
      expect(line).to.include({ level: 'error', event: 'crashed', role: 'test' });
      expect(output).to.include('it failed').and.not.to.include(CANARY);
    });
  }
});
