import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { onThisMachine } from '../support/on-this-machine.ts';

const main = join(import.meta.dirname, '../../app/main.ts');
const CANARY = 'canary-51c0';

describe('a process with wrong settings', () => {
  it('ends with one line that names them and none of their values', async () => {
    const env = { EVENTS: 'kafka', KAFKA_BROKERS: CANARY, DATABASE_URL: `mysql://rowlock:${CANARY}@db/shop` };
    const { output, exitCode } = await new Promise<{ output: string; exitCode: unknown }>((resolve) => {
      const options = { env, timeout: onThisMachine(10_000) };
      execFile(process.execPath, [main, 'data-platform'], options, (error, stdout, stderr) =>
        resolve({ output: `${stdout}${stderr}`, exitCode: error?.code }),
      );
    });
    expect(exitCode, output).to.equal(1);
    const lines = output.trim().split('\n');
    expect(lines, output).to.have.lengthOf(1);
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(line).to.include({ level: 'error', event: 'settings_unusable', role: 'data-platform' });
    expect(line['reason']).to.match(/KAFKA_BROKERS: must be /);
    expect(output).to.not.include(CANARY);
  });
});
