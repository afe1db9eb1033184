import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type RunningShop, type ShopLock, shopLock } from '../../scripts/shop/shop-lock.ts';
import { isRunning } from '../../localstack/processes/stop-leftover.ts';
import { onCleanup } from '../support/cleanup.ts';
import { until } from '../support/until.ts';

const MARKER = 'marker-of-a-shop';

function newLockFile(): { dir: string; file: string } {
  const dir = mkdtempSync(join(tmpdir(), 'rowlock-lock-'));
  onCleanup(() => rmSync(dir, { recursive: true, force: true }));
  return { dir, file: join(dir, 'run', 'up.json') };
}

/** Starts a process with the marker in its command line. */
async function startHolder() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', MARKER], { stdio: 'ignore' });
  onCleanup(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  const pid = child.pid ?? -1;
  await until('the holder shows its command line', () => isRunning(pid, MARKER));
  return { child, pid };
}

function taken(lock: ShopLock | RunningShop): ShopLock {
  if ('pid' in lock) throw new Error(`held by ${lock.pid}`);
  return lock;
}

describe('the lock of a shop', () => {
  it('is acquired, announced and released', async () => {
    const { dir, file } = newLockFile();
    const lock = taken(await shopLock(file, MARKER));
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.deep.equal({ pid: process.pid, marker: MARKER });
    await lock.announce('http://127.0.0.1:3000');
    expect(JSON.parse(readFileSync(file, 'utf8'))).to.include({ apiUrl: 'http://127.0.0.1:3000' });
    await lock.release();
    expect(existsSync(file)).to.equal(false);
    expect(readdirSync(join(dir, 'run')), 'left aside').to.deep.equal([]);
  });

  it('reports its holder, and the address once that is announced', async () => {
    const { file } = newLockFile();
    await taken(await shopLock(file, MARKER)).release();
    const { pid } = await startHolder();
    writeFileSync(file, JSON.stringify({ pid, marker: MARKER }));
    expect(await shopLock(file, MARKER)).to.deep.equal({ pid, apiUrl: undefined });
    writeFileSync(file, JSON.stringify({ pid, marker: MARKER, apiUrl: 'http://127.0.0.1:3000' }));
    expect(await shopLock(file, MARKER)).to.deep.equal({ pid, apiUrl: 'http://127.0.0.1:3000' });
  });

  it('is taken over from a dead process, from a reused process id and from a broken file', async () => {
    const { file } = newLockFile();
    await taken(await shopLock(file, MARKER)).release();
    const { child, pid } = await startHolder();
    writeFileSync(file, JSON.stringify({ pid, marker: 'another-marker' }));
    await taken(await shopLock(file, 'another-marker')).release();
    child.kill('SIGKILL');
    await once(child, 'exit');
    writeFileSync(file, JSON.stringify({ pid, marker: MARKER }));
    await taken(await shopLock(file, MARKER)).release();
    writeFileSync(file, '{"pid":');
    taken(await shopLock(file, MARKER));
  });
});
