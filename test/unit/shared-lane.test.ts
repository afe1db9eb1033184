import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LANE_PROTOCOL } from '../../app/platform/lane/lane-protocol.ts';
import { createSharedLane, type SharedLane } from '../../app/platform/lane/shared-lane.ts';
import { createBatchLane } from '../../app/platform/load/batch-lane.ts';
import { createLog } from '../../app/platform/observe/log.ts';
import { OperationalError } from '../../app/platform/operational-error.ts';
import { until } from '../support/until.ts';

const codec = {
  encodeRequest: (request: string) => request,
  decodeRequest: String,
  encodeResult: (result: string) => result,
  decodeResult: (value: unknown) => {
    if (value === 'of another release') throw new Error('unreadable');
    return String(value);
  },
};
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    (result) => result,
    (error: unknown) => (error instanceof OperationalError ? error.code : String(error)),
  );

/** Several lanes in one process, on real sockets. */
describe('a shared lane', () => {
  let directory: string;
  let lanes: SharedLane<string, string>[];
  let servers: Server[];
  let executed: string[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lane-'));
    lanes = [];
    servers = [];
    executed = [];
  });

  afterEach(async () => {
    for (const lane of lanes) lane.leave();
    await Promise.all(lanes.map((lane) => lane.close()));
    for (const server of servers) server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  function laneOf(name: string, { inFlightMax = 10 } = {}): SharedLane<string, string> {
    const steadyMs = () => performance.now();
    const lane = createSharedLane<string, string>({
      local: createBatchLane({
        execute: async (requests) => {
          executed.push(...requests.map((request) => `${name}: ${request}`));
          if (requests.includes('slow')) await new Promise((resolve) => setTimeout(resolve, 200));
          if (requests.includes('no database')) throw new OperationalError('dependency_unavailable', 'gone');
          return requests.map((request) => (request === 'bug' ? new Error('a bug') : `done by ${name}`));
        },
        groupMax: 4,
        queueMax: 10,
        waitMaxMs: 1000,
        lanes: 1,
        nowMs: steadyMs,
      }),
      codec,
      isFinal: (result) => !result.endsWith('rejecting'),
      directory,
      name: 'test',
      inFlightMax,
      waitMaxMs: 1000,
      machineMs: steadyMs,
      random: () => 0,
      log: createLog({ level: 'error', role: 'test', stage: 'test' }),
    });
    lanes.push(lane);
    return lane;
  }

  const path = () => join(directory, `test-${LANE_PROTOCOL}.sock`);

  /** Resolves once the socket has an owner. */
  async function owner(name: string): Promise<SharedLane<string, string>> {
    const lane = laneOf(name);
    lane.join();
    await until('an owner', async () => {
      const socket = connect({ path: path() });
      const isThere = await Promise.race([
        once(socket, 'connect').then(() => true),
        once(socket, 'error').then(() => false),
      ]).catch(() => false);
      socket.destroy();
      return isThere;
    });
    return lane;
  }

  async function follower(name: string, options = {}): Promise<SharedLane<string, string>> {
    const lane = laneOf(name, options);
    lane.join();
    await until('a follower', () => !lane.isOwner());
    return lane;
  }

  /** An owner that greets and then does with each message what the test says. */
  async function strangeOwner(onMessage: (socket: Socket, message: unknown[]) => void): Promise<void> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('["alive",false]\n');
      socket.on('data', (bytes) => {
        for (const line of bytes.toString().trim().split('\n')) onMessage(socket, JSON.parse(line));
      });
    });
    servers.push(server);
    server.listen(path());
    await once(server, 'listening');
  }

  it('executes the requests of all in one of them, and passes on what they come to', async () => {
    const first = await owner('first');
    const second = await follower('second');
    expect(await Promise.all([second.submit('a'), first.submit('b')])).to.deep.equal([
      'done by first',
      'done by first',
    ]);
    expect(await codeOf(second.submit('bug'))).to.equal('Error: a bug');
    expect(executed).to.have.members(['first: a', 'first: b', 'first: bug']);
  });

  it('executes requests itself for a second once the owner cannot reach the database', async () => {
    await owner('first');
    const second = await follower('second');
    expect(await codeOf(second.submit('no database'))).to.equal('dependency_unavailable');
    expect(await second.submit('a')).to.equal('done by second');
  });

  it('does not execute a request whose deadline has passed, behind others that are in time', async () => {
    const first = await owner('first');
    const others = [first.submit('slow'), first.submit('in time')];
    const socket = connect({ path: path() });
    const answers: string[] = [];
    socket.setEncoding('utf8').on('data', (text: string) => answers.push(text));
    socket.write(`${JSON.stringify(['request', 1, performance.now() - 1, 'late'])}\n`);
    await until('an answer', () => answers.join('').includes('failure'));
    expect(answers.join('')).to.include('["failure",1,"busy_retry"');
    await Promise.all(others);
    expect(executed).to.deep.equal(['first: slow', 'first: in time']);
    socket.destroy();
  });

  it('repeats a request whose owner dies with it, and returns a final result', async () => {
    await strangeOwner((socket) => socket.destroy());
    const second = await follower('second');
    servers[0]?.close();
    expect(await second.submit('a')).to.equal('done by second');
  });

  it('tells nobody a rejection that a lost owner might still turn into an order', async () => {
    await strangeOwner((socket) => socket.destroy());
    const second = await follower('rejecting');
    servers[0]?.close();
    expect(await codeOf(second.submit('a'))).to.equal('busy_retry');
    expect(executed).to.deep.equal(['rejecting: a']);
  });

  it('repeats a request whose owner returns what it cannot read', async () => {
    await strangeOwner((socket, [, id]) => {
      socket.write(`${JSON.stringify(['result', id, 'of another release'])}\n`);
    });
    const second = await follower('second');
    servers[0]?.close();
    rmSync(path(), { force: true });
    expect(await second.submit('a')).to.equal('done by second');
  });

  it('limits the requests that are under way', async () => {
    await strangeOwner(() => undefined);
    const second = await follower('second', { inFlightMax: 2 });
    const waiting = [second.submit('a'), second.submit('b')].map(codeOf);
    expect(second.isFull()).to.equal(true);
    expect(await codeOf(second.submit('c'))).to.equal('busy_retry');
    // The owner says nothing more and is given up, too late to repeat them.
    expect(await Promise.all(waiting)).to.deep.equal(['busy_retry', 'busy_retry']);
    await until('another owner', () => second.isOwner());
  });

  it('closes connections that send no messages, and goes on', async () => {
    const first = await owner('first');
    for (const bytes of ['{}\n', 'x\n', '["what"]\n', `["${'x'.repeat(300_000)}`]) {
      const socket = connect({ path: path() });
      socket.on('error', () => undefined);
      socket.resume().write(bytes);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    expect(await first.submit('a')).to.equal('done by first');
  });

  it('stays in the process where others may enter the directory', async () => {
    chmodSync(directory, 0o750);
    const lane = laneOf('alone');
    lane.join();
    expect(await lane.submit('a')).to.equal('done by alone');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await codeOf(once(connect({ path: path() }), 'connect'))).to.include('ENOENT');
  });

  it('forwards nothing to an owner in a directory that others may enter', async () => {
    const received: unknown[] = [];
    await strangeOwner((_, message) => received.push(message));
    chmodSync(directory, 0o777);
    const lane = laneOf('alone');
    lane.join();
    // Longer than it takes to join an owner.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await lane.submit('a')).to.equal('done by alone');
    expect(lane.isOwner()).to.equal(true);
    expect(received).to.deep.equal([]);
  });
});
