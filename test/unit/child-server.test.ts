import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { childServer } from '../../localstack/processes/child-server.ts';
import { onCleanup } from '../support/cleanup.ts';

describe('the log excerpt of a server that died', () => {
  it('contains its last events and no metrics', async () => {
    const home = await mkdtemp(join(tmpdir(), 'rowlock-child-'));
    onCleanup(() => rm(home, { recursive: true, force: true }));
    const script = `
      for (let n = 1; n <= 3; n += 1) console.log(JSON.stringify({ ts: 'now', event: 'step_' + n }));
      for (let n = 1; n <= 20; n += 1)
        console.log(JSON.stringify({ _aws: { Timestamp: n }, Role: 'worker' }));
      console.error('Error: the last words');
      process.exit(3);`;
    const child = await childServer({
      name: 'worker',
      command: [process.execPath, '-e', script],
      env: process.env,
      logFile: join(home, 'worker.log'),
      marker: 'the last words',
    });
    expect(await child.exited).to.equal('exit code 3');
    expect((await child.logTail()).split('\n')).to.deep.equal([
      ...[1, 2, 3].map((n) => `{"ts":"now","event":"step_${n}"}`),
      'Error: the last words',
    ]);
    expect(await child.logTail(1)).to.equal('Error: the last words');
  });
});
