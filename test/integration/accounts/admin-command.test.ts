import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { freePort } from '../../../localstack/processes/free-port.ts';
import { skipWithout } from '../../support/skip-without.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

const SCRIPT = fileURLToPath(new URL('../../../scripts/admin.ts', import.meta.url));
const MAIN = fileURLToPath(new URL('../../../app/main.ts', import.meta.url));
const PASSWORD = 'first admin 😀 päss';
const hasPseudoTerminals = spawnSync('script', ['--version']).status === 0;

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the command that makes an admin', function () {
  const shop = useTestShop();

  const run = async (
    command: readonly string[],
    input: string,
    databaseUrl = shop.database.url,
    typesAt?: RegExp,
  ): Promise<Run> => {
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      env: { PATH: process.env['PATH'], DATABASE_URL: databaseUrl, PASSWORD_HASHING: 'argon2id:m=1024,t=1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    child.stdin.on('error', () => {});
    if (typesAt === undefined) {
      child.stdin.end(input);
    } else {
      // Types each line only after its prompt.
      const lines = input.split('\n');
      child.stdout.on('data', (text: string) => {
        if (typesAt.test(text) && lines.length > 0) child.stdin.write(`${lines.shift()}\r`);
      });
    }
    const [code] = (await once(child, 'close')) as [number];
    return { code, ...output };
  };
  const admin = (args: readonly string[], input = `${PASSWORD}\n`) =>
    run([process.execPath, SCRIPT, ...args], input);
  const roleOf = (email: string) =>
    shop.database.value<string>('SELECT role FROM users WHERE email = ?', [email]);
  const logIn = async (email: string) =>
    shop.client(await shop.start(['api'])).logIn({ email, password: PASSWORD });

  it('creates an admin who can log in and add a product to an empty shop', async () => {
    const made = await admin(['create', 'First@Example.com']);
    expect(made).to.deep.equal({ code: 0, stdout: 'first@example.com is an admin now.\n', stderr: '' });
    const client = await logIn('first@example.com');
    const product = await client.post('/admin/products', { name: 'First product', price: 100, stock: 1 });
    expect(product.status).to.equal(201);
  });

  it('invites an owner with a link that is accepted once, and asks for no password', async () => {
    const address = ['--shop', 'https://shop.example/'];
    const invited = await admin(['invite', 'Owner@Example.com', '--role', 'owner', ...address], '');
    expect([invited.code, invited.stderr]).to.deep.equal([0, '']);
    const [sentence, link = ''] = invited.stdout.split('\n');
    expect(link).to.match(/^https:\/\/shop\.example\/console\/join#[\w-]{43}$/);
    const [, token] = link.split('#');
    expect(sentence).to.match(/^owner@example\.com is invited to become owner until 20/);
    const client = shop.client(await shop.start(['api']));
    const acceptance = { token, password: PASSWORD };
    expect((await client.post('/auth/invitations/accept', acceptance)).body.adminRole).to.equal('owner');
    expect((await client.post('/auth/invitations/accept', acceptance)).status).to.equal(404);
    const owner = await client.logIn({ email: 'owner@example.com', password: PASSWORD });
    expect((await owner.get('/admin/operators')).status).to.equal(200);
    const again = await admin(['invite', 'owner@example.com'], '');
    expect([again.code, again.stdout]).to.deep.equal([
      0,
      'owner@example.com is an admin already. Nothing was changed.\n',
    ]);
  });

  it('gives the role that it is told to, and no other', async () => {
    await admin(['create', 'viewer@example.com', '--role', 'viewer']);
    expect((await (await logIn('viewer@example.com')).get('/me')).body.adminRole).to.equal('viewer');
    expect((await admin(['create', 'king@example.com', '--role', 'king'])).code).to.equal(2);
    const kings = "SELECT COUNT(*) FROM users WHERE email = 'king@example.com'";
    expect(await shop.database.value(kings)).to.equal(0);
  });

  it('does not change an existing admin or ask for a password', async () => {
    await admin(['create', 'twice@example.com']);
    const before = await shop.database.read('SELECT * FROM users WHERE email = ?', ['twice@example.com']);
    const again = await admin(['create', 'twice@example.com'], '');
    expect(again.code).to.equal(0);
    expect(again.stdout).to.match(/^twice@example\.com is an admin already\. Nothing was changed/);
    const after = await shop.database.read('SELECT * FROM users WHERE email = ?', ['twice@example.com']);
    expect(after).to.deep.equal(before);
  });

  it('promotes a customer only if told to take over the account', async () => {
    const client = shop.client(await shop.start(['api']));
    const account = { email: 'squatter@example.com', password: 'the password of a stranger' };
    await client.signUp(account);
    const { token } = await client.logIn(account);

    const refused = await admin(['create', account.email]);
    expect(refused.code).to.equal(1);
    expect(refused.stdout).to.match(/belongs to a customer\. Nothing was changed/);
    expect(await roleOf(account.email)).to.equal('customer');

    const taken = await admin(['create', account.email, '--take-over']);
    expect(taken.code).to.equal(0);
    expect(await roleOf(account.email)).to.equal('admin');
    // This process has not cached the session, so it reads the new epoch.
    const other = await logIn(account.email);
    expect((await other.withToken(token).get('/me')).status).to.equal(401);
    expect((await other.post('/auth/login', account)).status).to.equal(401);
  });

  it('ends all sessions of a taken-over account at once, also in processes that cache them', async () => {
    await admin(['create', 'demo@example.com'], 'the published password\n');
    const app = await shop.start(['api']);
    const account = { email: 'demo@example.com', password: 'the published password' };
    const old = await shop.client(app).logIn(account);
    const product = { name: 'Cup', price: 100, stock: 1 };
    expect((await old.get('/me')).body.role).to.equal('admin');
    expect((await old.post('/admin/products', product)).status).to.equal(201);

    expect((await admin(['create', account.email, '--take-over'])).code).to.equal(0);
    expect((await old.get('/me')).status).to.equal(401);
    expect((await old.post('/admin/products', product)).status).to.equal(401);
    const taken = await shop.client(app).logIn({ ...account, password: PASSWORD });
    expect((await taken.post('/admin/products', product)).status).to.equal(201);
  });

  it("revokes an admin's role immediately", async () => {
    await admin(['create', 'demoted@example.com']);
    const client = await logIn('demoted@example.com');
    expect((await client.get('/me')).body.role).to.equal('admin');
    await shop.database.write("UPDATE users SET role = 'customer' WHERE email = 'demoted@example.com'");
    expect((await client.get('/me')).body.role).to.equal('customer');
    const refused = await client.post('/admin/products', { name: 'Cup', price: 100, stock: 1 });
    expect(refused.status).to.equal(403);
  });

  it('rejects a password or address that the shop would reject, and writes nothing', async () => {
    const usersBefore = await shop.database.value('SELECT COUNT(*) FROM users');
    const short = await admin(['create', 'short@example.com'], 'short\n');
    expect(short.code).to.equal(2);
    expect(short.stderr).to.match(/^admin: the password is not valid: /);
    for (const input of ['', '\n', 'two lines of\npassword text\n', `${'x'.repeat(5000)}\n`]) {
      expect((await admin(['create', 'short@example.com'], input)).code, JSON.stringify(input)).to.equal(2);
    }
    for (const args of [
      [],
      ['create'],
      ['create', 'no address'],
      ['create', 'a@b.example', PASSWORD],
      ['drop', 'a@b.example'],
      ['create', 'a@b.example', '--password=x'],
    ]) {
      expect((await admin(args)).code, JSON.stringify(args)).to.equal(2);
    }
    expect(await shop.database.value('SELECT COUNT(*) FROM users')).to.equal(usersBefore);
  });

  it('never prints the password or the database password', async () => {
    const url = new URL(shop.database.url);
    url.port = String(await freePort());
    url.password = 'secret-of-the-database';
    const away = await run([process.execPath, SCRIPT, 'create', 'away@example.com'], PASSWORD, url.href);
    expect(away.code).to.equal(2);
    expect(away.stderr).to.match(/^admin: no database connection/);
    for (const { stdout, stderr } of [away, await admin(['create', 'away@example.com'])]) {
      expect(stdout + stderr)
        .not.to.contain(PASSWORD)
        .and.not.to.contain(url.password);
    }
  });

  it('prints its usage with --help', async () => {
    expect(await admin(['--help'], '')).to.deep.include({ code: 0, stderr: '' });
  });

  describe('at a terminal', () => {
    // `script` gives the command a pseudo-terminal, echo included.
    before(function () {
      if (!hasPseudoTerminals) skipWithout('script of util-linux', this);
    });

    it('asks twice and does not echo the password', async () => {
      const typed = (...lines: string[]) =>
        run(
          [
            'script',
            '-qec',
            `"${process.execPath}" "${MAIN}" admin create terminal@example.com`,
            '/dev/null',
          ],
          lines.join('\n'),
          shop.database.url,
          /Password/,
        );
      const different = await typed(PASSWORD, 'another password');
      expect(different.stdout).to.match(/the two passwords are not the same/);
      // Types two wrong characters and deletes them.
      const made = await typed(`${PASSWORD}xy\u007f\u007f`, PASSWORD);
      expect(made.stdout).to.match(/Password: \r?\nPassword again: \r?\n.*is an admin now\./s);
      expect(made.stdout + made.stderr).not.to.contain(PASSWORD.slice(0, 5));
      await logIn('terminal@example.com');
    });
  });
});
