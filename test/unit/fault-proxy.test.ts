import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { onCleanup } from '../support/cleanup.ts';
import { type FaultProxy, openFaultProxy } from '../support/servers/fault-proxy.ts';
import { until } from '../support/until.ts';

/** Starts a server that echoes each piece in capitals and records what it received. */
async function openEcho(): Promise<{ url: string; got: () => string }> {
  let got = '';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      got += bytes.toString();
      socket.write(bytes.toString().toUpperCase());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got: () => got };
}

/** Opens a client that records what it received and how its connection ended. */
function openClient(proxy: FaultProxy): { socket: Socket; got: () => string; end: () => string | undefined } {
  let got = '';
  let end: string | undefined;
  const socket = connect(proxy.port, '127.0.0.1');
  socket.on('data', (bytes) => {
    got += bytes.toString();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end = error.code;
  });
  socket.on('close', () => {
    end ??= 'closed';
  });
  onCleanup(() => {
    socket.destroy();
  });
  return { socket, got: () => got, end: () => end };
}

describe('the fault proxy', () => {
  it('replaces host and port of a URL with its own', async () => {
    const proxy = await openFaultProxy('mysql://user:word@127.0.0.1:3306/shop');
    expect(proxy.through('mysql://user:word@127.0.0.1:3306/shop?x=1')).to.equal(
      `mysql://user:word@127.0.0.1:${proxy.port}/shop?x=1`,
    );
  });

  it('forwards bytes in both directions', async () => {
    const echo = await openEcho();
    const client = openClient(await openFaultProxy(echo.url));
    client.socket.write('one');
    await until('the answer', () => client.got() === 'ONE');
  });

  it('freezes open and new connections in a blackhole and loses no byte afterwards', async () => {
    const echo = await openEcho();
    const proxy = await openFaultProxy(echo.url);
    const old = openClient(proxy);
    old.socket.write('one');
    await until('the first answer', () => old.got() === 'ONE');
    await proxy.blackhole();
    const fresh = openClient(proxy);
    await once(fresh.socket, 'connect');
    old.socket.write('two');
    fresh.socket.write('three');
    await until('the proxy has both connections', () => proxy.connections === 2);
    // A witness connection that passes shows that enough time has gone by for an answer.
    const witness = openClient(await openFaultProxy(echo.url));
    witness.socket.write('witness');
    await until('the answer of the witness', () => witness.got() === 'WITNESS');
    expect([old.got(), fresh.got(), echo.got()]).to.deep.equal(['ONE', '', 'onewitness']);
    expect([old.end(), fresh.end()]).to.deep.equal([undefined, undefined]);
    await proxy.pass();
    await until('both answers', () => old.got() === 'ONETWO' && fresh.got() === 'THREE');
  });

  it('refuses connections, then listens on the same port again', async () => {
    const echo = await openEcho();
    const proxy = await openFaultProxy(echo.url);
    const old = openClient(proxy);
    old.socket.write('one');
    await until('the first answer', () => old.got() === 'ONE');
    await proxy.refuse();
    await until('the connection is reset', () => old.end() === 'ECONNRESET');
    const refused = openClient(proxy);
    await until('the refusal', () => refused.end() === 'ECONNREFUSED');
    await proxy.pass();
    const fresh = openClient(proxy);
    fresh.socket.write('two');
    await until('the answer', () => fresh.got() === 'TWO');
  });

  it('delays responses, and keeps their order when the delay ends', async () => {
    const echo = await openEcho();
    const proxy = await openFaultProxy(echo.url);
    await proxy.slow(200);
    const client = openClient(proxy);
    const startMs = performance.now();
    client.socket.write('one');
    await until('the server has it', () => echo.got() === 'one');
    await proxy.pass();
    client.socket.write('two');
    await until('both answers', () => client.got() === 'ONETWO');
    await proxy.slow(200);
    client.socket.write('three');
    await until('the late answer', () => client.got() === 'ONETWOTHREE');
    expect(performance.now() - startMs).to.be.greaterThan(200);
  });

  it('cuts a connection before the server receives the bytes', async () => {
    const echo = await openEcho();
    const proxy = await openFaultProxy(echo.url);
    proxy.watchClient((bytes) => (bytes.includes('COMMIT') ? 'cut' : 'forward'));
    const client = openClient(proxy);
    client.socket.write('begin');
    await until('the answer', () => client.got() === 'BEGIN');
    client.socket.write('COMMIT');
    await until('the connection is reset', () => client.end() === 'ECONNRESET');
    expect(echo.got()).to.equal('begin');
    proxy.watchClient(undefined);
    const next = openClient(proxy);
    next.socket.write('COMMIT');
    await until('the answer', () => next.got() === 'COMMIT');
  });

  it('cuts a connection after the server responded and before the client receives it', async () => {
    const echo = await openEcho();
    const proxy = await openFaultProxy(echo.url);
    proxy.watchClient(() => 'forward-then-cut');
    const client = openClient(proxy);
    client.socket.write('commit');
    await until('the connection is reset', () => client.end() === 'ECONNRESET');
    expect([echo.got(), client.got()]).to.deep.equal(['commit', '']);
  });

  it('cuts a connection while the server processes a request', async () => {
    const echo = await openEcho();
    const proxy = await openFaultProxy(echo.url);
    const client = openClient(proxy);
    proxy.watchClient(() => 'forward-and-cut');
    client.socket.write('one');
    await until('the connection is broken', () => client.end() === 'ECONNRESET');
    await until('the server has the bytes', () => echo.got() === 'one');
    expect(client.got()).to.equal('');
    expect(proxy.connections).to.equal(0);
  });

  it('follows the server to a new address, and leaves open connections as they are', async () => {
    const [before, after] = await Promise.all([openEcho(), openEcho()]);
    const proxy = await openFaultProxy(before.url);
    const stays = openClient(proxy);
    stays.socket.write('one');
    await until('the first connection gets its response', () => stays.got() === 'ONE');
    proxy.retarget(after.url);
    const comes = openClient(proxy);
    comes.socket.write('two');
    await until('the second connection gets its response', () => comes.got() === 'TWO');
    stays.socket.write('more');
    await until('the first connection gets its second response', () => stays.got() === 'ONEMORE');
    expect([before.got(), after.got()]).to.deep.equal(['onemore', 'two']);
  });

  it('breaks only the connections that match', async () => {
    const echo = await openEcho();
    const proxy = await openFaultProxy(echo.url);
    const seen: [string, number][] = [];
    proxy.watchClient((bytes, connection) => {
      seen.push([bytes.toString(), connection]);
      return 'forward';
    });
    const one = openClient(proxy);
    one.socket.write('one');
    await until('the first answer', () => one.got() === 'ONE');
    const other = openClient(proxy);
    other.socket.write('two');
    await until('the other connection gets its response', () => other.got() === 'TWO');
    one.socket.write('three');
    await until('the third answer', () => one.got() === 'ONETHREE');
    expect(seen).to.deep.equal([
      ['one', 1],
      ['two', 2],
      ['three', 1],
    ]);
  });

  it('freezes one connection permanently and leaves the others alone', async () => {
    const echo = await openEcho();
    const proxy = await openFaultProxy(echo.url);
    proxy.watchClient((bytes) => (bytes.includes('now') ? 'forward-then-freeze' : 'forward'));
    const frozen = openClient(proxy);
    frozen.socket.write('now');
    await until('the server has it', () => echo.got() === 'now');
    const other = openClient(proxy);
    other.socket.write('later');
    await until('the answer', () => other.got() === 'LATER');
    await proxy.blackhole();
    await proxy.pass();
    other.socket.write('!');
    await until('the next answer', () => other.got() === 'LATER!');
    expect([frozen.got(), frozen.end()]).to.deep.equal(['', undefined]);
  });
});
