import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { createRowlockClient } from '../../app/web/client/rowlock-client.ts';
import { demoAccounts } from '../../scripts/seed/demo-accounts.ts';
import { onThisMachine } from '../support/on-this-machine.ts';
import { type RunningUp, type ShopCopy, shopCopy } from '../support/shop/shop-copy.ts';
import { until } from '../support/until.ts';
import { tourSteps, withoutChance } from './tour-steps.ts';

/** Output of the first tour of a shop only. */
const NEW_ADMIN = 'me.admin@example.com is an admin now.';
/** Measured as 2.4 s on an idle machine with 2 cores; other suites run at the same time. */
const REOPEN_MAX_S = 20;
/** Separates the outputs of the tour's steps. */
const STEP_END = '-- end of step --';

// One shop through its whole life: each test continues where the previous one stopped.
describe('scripts/up', function () {
  let shop: ShopCopy;
  let up: RunningUp;
  let bystander: ChildProcess;
  let commands: readonly string[];
  let url: string;

  before(() => {
    shop = shopCopy();
    bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  });
  after(() => void bystander.kill('SIGKILL'));

  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  /** Orders of the customer whose log-in is printed. */
  const orders = (url: string) =>
    shop.shell([commands[0] ?? '', `curl -s ${url}/orders -H "authorization: Bearer $TOKEN"`]);

  it('opens a shop in which the three printed commands place an order', async () => {
    up = shop.up();
    ({ url, commands } = await up.open());
    const answers = await shop.shell(commands);
    expect(answers).to.match(/"data":\[\{"id"/);
    expect(answers).to.contain('"status":"COMPLETED"');
  });

  it('adds up: npm run audit finds the running shop and no break', async () => {
    const report = await shop.shell([`cd "${shop.dir}"`, `"${process.execPath}" scripts/audit.ts`]);
    expect(report).to.match(/: 1 orders, /);
    expect(report).to.contain('\nEverything adds up.\n');
  });

  it('works from order to popular list and from upload to image: npm run smoke', async function () {
    const said = await shop.shell(
      [`cd "${shop.dir}"`, `"${process.execPath}" scripts/smoke/index.ts --url ${url}`],
      170_000,
    );
    expect(said).to.contain('everything is connected').and.not.contain('NOT UNDONE');
    const report = await shop.shell([`cd "${shop.dir}"`, `"${process.execPath}" scripts/audit.ts`]);
    expect(report).to.contain('\nEverything adds up.\n');
    const page = await (await fetch(`${url}/products?q=smoke`)).json();
    expect((page as { data: unknown[] }).data).to.deep.equal([]);
  });

  it('sells to a crowd, beside a server written the usual way: npm run sale', async () => {
    const said = await shop.shell(
      [
        `cd "${shop.dir}"`,
        `"${process.execPath}" test/sale/index.ts --buyers=400 --units=30 --over=0 --naive`,
        'echo "exit status $?"',
      ],
      170_000,
    );
    expect(said)
      .to.match(/^sold +30 of 30 +30 of 30$/m)
      .and.match(/^oversold +0 +0$/m);
    expect(said).to.match(/^refused: out_of_stock +370 +370$/m);
    expect(said).to.contain('\nEverything adds up.\nexit status 0\n');
  });

  it('sells through its API alone when asked by its owner: npm run sale -- --url', async () => {
    const { email, password } = demoAccounts.admin;
    const sale = `--url=${url} --buyers=60 --units=9 --accounts=2 --over=0`;
    const command = `"${process.execPath}" test/sale/index.ts ${sale}`;
    const as = (name: string) => `ROWLOCK_EMAIL=${name} ROWLOCK_PASSWORD=${password}`;
    const said = await shop.shell([
      `cd "${shop.dir}"`,
      `echo no | ${as(email)} ${command} || echo "declined with $?"`,
      `${as(email)} ${command} --yes`,
      `${as('nobody@example.com')} ${command} --yes 2>&1 || echo "a stranger ends with $?"`,
    ]);
    expect(said).to.match(/Nothing was done\.\ndeclined with 1/);
    expect(said)
      .to.match(/^sold +9 of 9$/m)
      .and.match(/^refused: out_of_stock +51$/m);
    expect(said)
      .to.match(/^Sale of .* is off sale again\.$/m)
      .and.contain('a stranger ends with 1');
  });

  it('sells to a crowd from the console, and stops when asked', async () => {
    const visitor = createRowlockClient({ baseUrl: url });
    const { email, password } = demoAccounts.admin;
    const { token } = await visitor.call('logIn', { body: { email, password } });
    const admin = createRowlockClient({ baseUrl: url, token: () => token });
    const untilState = (state: string) =>
      until(`the sale is ${state}`, async () => {
        const { sale } = await admin.call('readDemoSale');
        return sale?.state === state && sale;
      });

    await admin.call('startDemoSale', { body: { buyers: 200, units: 15, overS: 1, naive: true } });
    const done = await untilState('done');
    expect(done.audit).to.deep.equal({ isClean: true, line: 'Everything adds up.' });
    expect(done.lanes.map(({ seller, byCode, result }) => [seller, byCode, result?.oversold])).to.deep.equal([
      ['rowlock', { placed: 15, out_of_stock: 185 }, 0],
      ['usual', { placed: 15, out_of_stock: 185 }, 0],
    ]);
    for (const { left } of done.lanes) expect([left.at(0)?.[1], left.at(-1)?.[1]]).to.deep.equal([15, 0]);

    await admin.call('startDemoSale', { body: { buyers: 2000, units: 2000, overS: 60, naive: false } });
    const running = await until('some are sold', async () => {
      const { sale } = await admin.call('readDemoSale');
      return (sale?.lanes[0]?.byCode['placed'] ?? 0) > 0 && sale;
    });
    expect(running.state).to.equal('running');
    await admin.call('stopDemoSale');
    expect((await untilState('stopped')).reason).to.equal('stopped in the console');
  });

  const runTour = async (ofTheAdmin: string) => {
    const steps = await tourSteps(url);
    const said = await shop.shell(
      [`cd "${shop.dir}"`, ...steps.flatMap(({ commands: step }) => [step, `echo '${STEP_END}'`])],
      170_000,
    );
    const outputs = said.split(`${STEP_END}\n`).slice(0, -1);
    expect(outputs).to.have.lengthOf(steps.length);
    const shown = steps.flatMap((step, at) =>
      step.shown === undefined ? [] : [{ shown: step.shown, printed: outputs[at] ?? '' }],
    );
    expect(shown, 'the coupon race and the image').to.have.lengthOf(2);
    for (const one of shown) {
      const expected = one.shown.replace(NEW_ADMIN, ofTheAdmin);
      expect(withoutChance(one.printed)).to.equal(withoutChance(expected));
    }
    const answers = outputs.join('');
    expect(answers, 'no command is refused').to.not.contain('urn:rowlock:problem');
    expect(answers.match(/^Idempotent-Replayed: true/gm)).to.have.lengthOf(1);
    // Accepts an empty list, which may be cached for a minute before the order is counted.
    expect(answers).to.match(/"discount":3000,.*"window":/s);
    const report = await shop.shell([`cd "${shop.dir}"`, `"${process.execPath}" scripts/audit.ts`]);
    expect(report).to.contain('\nEverything adds up.\n');
  };

  it('prints what docs/tour.md shows', async () => {
    await runTour(NEW_ADMIN);
  });

  it('prints it again after a product without an image was added', async () => {
    const send = async (path: string, body: object, headers: Record<string, string> = {}) => {
      const reply = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      expect(reply.ok, path).to.equal(true);
      return (await reply.json()) as { token: string };
    };
    const { email, password } = demoAccounts.admin;
    const { token } = await send('/auth/login', { email, password });
    const product = { name: 'Phone', price: 1, stock: 100 };
    await send('/admin/products', product, { Authorization: `Bearer ${token}` });
    await runTour(
      'me.admin@example.com is an admin already. Nothing was changed; --take-over sets a new password.',
    );
  });

  it('reports the running shop when started twice, and does not delete it', async () => {
    const [second, reset] = await Promise.all([shop.up().ended, shop.up(['--reset']).ended]);
    expect(second).to.include({ code: 0, stderr: '' });
    expect(second.stdout).to.match(/^The shop is already running at http:.*\n$/);
    expect(reset).to.include({ code: 1, stdout: '' });
    expect(reset.stderr).to.equal(`The shop is running (pid ${up.pid}): stop it before you use --reset.\n`);
  });

  it('stops only what it started on SIGINT', async () => {
    const pids = shop.pids();
    expect(pids).to.include(up.pid).and.to.have.length.of.at.least(5);
    up.signal('SIGINT');
    expect(await up.ended).to.include({ code: 0, stderr: '' });
    expect(pids.filter(isAlive)).to.deep.equal([]);
    expect(isAlive(bystander.pid ?? -1), 'the bystander').to.equal(true);
  });

  it('keeps its data between runs', async () => {
    const startMs = performance.now();
    up = shop.up();
    ({ url, commands } = await up.open());
    const seconds = (performance.now() - startMs) / 1000;
    console.log(`      stopped shop to the open shop: ${seconds.toFixed(1)} s`);
    expect(seconds).to.be.lessThan(onThisMachine(REOPEN_MAX_S));
    expect(await orders(url)).to.contain('"status":"COMPLETED"');
  });

  it('recovers after kill -9', async () => {
    up.signal('SIGKILL');
    await up.ended;
    up = shop.up();
    ({ url, commands } = await up.open());
    expect(await orders(url)).to.contain('"status":"COMPLETED"');
    up.signal('SIGTERM');
    expect((await up.ended).code).to.equal(0);
  });

  it('starts empty with --reset', async () => {
    up = shop.up(['--reset']);
    ({ url, commands } = await up.open());
    expect(await orders(url)).to.match(/^\{"data":\[\]/);
  });

  it('exits when one of its processes dies, with at most five lines of its log', async () => {
    const { pid } = JSON.parse(readFileSync(join(shop.dir, '.local/run/worker.pid.json'), 'utf8')) as {
      pid: number;
    };
    process.kill(pid, 'SIGKILL');
    const { code, stderr } = await up.ended;
    expect(code).to.equal(1);
    expect(stderr).to.match(/^worker ended unexpectedly \(signal SIGKILL\)/);
    expect(stderr.trimEnd().split('\n')).to.have.length.within(1, 6);
    await until('all processes have exited', () => !shop.pids().some(isAlive));
  });

  it('names a port that is in use, in one sentence', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { code, stderr } = await shop.up(['--port', `${port}`]).ended;
    server.close();
    expect(code).to.equal(1);
    expect(stderr).to.match(new RegExp(`^Port ${port} is in use: .*\\.\\n$`));
  });

  for (const [name, dead] of [
    ['DATABASE_URL', 'mysql://nobody:secret@127.0.0.1:1/shop'],
    ['REDIS_STATE_URL', 'redis://127.0.0.1:1'],
    ['REDIS_CACHE_URL', 'redis://127.0.0.1:1'],
    ['AWS_ENDPOINT_URL', 'http://127.0.0.1:1'],
  ] as const)
    it(`rejects a ${name} that does not respond, in one sentence`, async () => {
      const { code, stdout, stderr } = await shop.up([], { [name]: dead }).ended;
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.match(new RegExp(`^${name} is set and 127\\.0\\.0\\.1:1 cannot be used: .*\\.\\n$`));
    });
});
