import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import sharp from 'sharp';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { picture } from '../../support/shop/image-uploads.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

const COMMAND = fileURLToPath(new URL('../../../scripts/image/index.ts', import.meta.url));

describe('npm run image', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  let folder: string;
  let account: Record<string, string>;
  before(async () => {
    app = await shop.start(['api', 'worker']);
    admin = await adminClient(shop, app);
    const { id, email, password } = await shop.client(app).signUp();
    await shop.database.write("UPDATE users SET role = 'admin' WHERE id = ?", [uuidBytes(id)]);
    account = { ROWLOCK_ADMIN_EMAIL: email, ROWLOCK_ADMIN_PASSWORD: password };
    folder = await mkdtemp(join(tmpdir(), 'rowlock-image-'));
    onCleanup(() => rm(folder, { recursive: true, force: true }));
  });

  async function run(bytes: Buffer, ...args: string[]) {
    const file = join(folder, 'picture');
    await writeFile(file, bytes);
    return command(['upload', file, ...args]);
  }

  async function command(args: readonly string[], env: Readonly<Record<string, string>> = account) {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    const [code] = (await once(child, 'close')) as [number];
    return { code, ...output };
  }

  it('gives a product an image and prints its URL', async () => {
    const productId = await admin.newProduct();
    const jpeg = await picture('jpeg', { width: 800, height: 400 });
    const { code, stdout, stderr } = await run(jpeg, '--product', productId, '--url', app.url);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.match(
      /^announced .*image\/jpeg.*\nuploaded .*\ncompleted .*\nready .*\n( +\d+ x \d+ {2}http.*\n){3}$/,
    );
    const [image] = (await admin.get(`/products/${productId}`)).body.images;
    const urls = [...stdout.matchAll(/(\d+) x (\d+) {2}(http\S+)/g)].map(([, width, height, url]) => ({
      width: Number(width),
      height: Number(height),
      url,
    }));
    expect(urls).to.deep.equal(
      image.variants.map(({ width, height, url }: (typeof urls)[number]) => ({ width, height, url })),
    );
    const bytes = await (await fetch(urls[0]?.url ?? '')).arrayBuffer();
    expect(await sharp(bytes).metadata()).to.include({ format: 'webp', width: 200, height: 100 });
  });

  it('reports why a file was rejected', async () => {
    const productId = await admin.newProduct();
    const to = ['--product', productId, '--url', app.url];
    const page = await run(Buffer.from('<!doctype html>'.padEnd(100)), ...to);
    expect(page.code).to.equal(1);
    expect(page.stderr).to.match(/^image: .* is no JPEG, PNG, WebP or AVIF file\n$/);
    const whole = await picture('png');
    const half = await run(whole.subarray(0, whole.length / 2), ...to);
    expect(half.code).to.equal(1);
    expect(half.stderr).to.match(/undecodable/);
    const absent = '00000000-0000-7000-8000-000000000000';
    const unknown = await run(whole, '--product', absent, '--url', app.url);
    expect(unknown.stderr).to.match(/404 product_not_found/);
    const big = Buffer.concat([whole, Buffer.alloc(10 * 1024 * 1024)]);
    expect((await run(big, ...to)).stderr).to.match(/^image: .* has \d+ bytes, above 10 MB\n$/);
    expect((await admin.get(`/products/${productId}`)).body.images).to.deep.equal([]);
  });

  it('prints its usage with --help', async () => {
    const { code, stdout, stderr } = await command(['--help']);
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.match(/^usage: npm run image -- upload FILE --product ID/);
  });

  it('reports wrong arguments or a failing shop in one line', async () => {
    const file = join(folder, 'good.png');
    await writeFile(file, await picture('png'));
    const productId = await admin.newProduct();
    const upload = ['upload', file, '--product', productId];
    const here = ['--url', app.url];
    const { ROWLOCK_ADMIN_EMAIL: email = '' } = account;
    const failures: [args: string[], code: number, line: RegExp, env?: Record<string, string>][] = [
      [[], 2, /usage is `upload FILE --product ID`; see --help/],
      [['upload', file], 2, /usage is/],
      [['remove', file, '--product', productId], 2, /usage is/],
      [[...upload, 'more', ...here], 2, /usage is/],
      [[...upload, '--colour', 'red'], 2, /Unknown option '--colour'/],
      [['upload', file, '--product'], 2, /--product.*argument missing/],
      [[...upload, '--url', 'nowhere'], 2, /--url nowhere is no http or https address/],
      [['upload', join(folder, 'none'), '--product', productId, ...here], 1, /none cannot be read: ENOENT/],
      [['upload', folder, '--product', productId, ...here], 1, /cannot be read: EISDIR/],
      [[...upload, '--url', 'http://127.0.0.1:1'], 1, /http:\/\/127\.0\.0\.1:1 does not respond/],
      [['upload', file, '--product', 'x', ...here], 1, /404|400 validation_failed/],
      [[...upload, ...here], 1, /401 invalid_credentials/, { ...account, ROWLOCK_ADMIN_PASSWORD: 'wrong' }],
      [[...upload, ...here], 1, /or neither/, { ROWLOCK_ADMIN_EMAIL: email }],
    ];
    const customer = await shop.client(app).signUp();
    const asCustomer = { ROWLOCK_ADMIN_EMAIL: customer.email, ROWLOCK_ADMIN_PASSWORD: customer.password };
    failures.push([[...upload, ...here], 1, /403 forbidden/, asCustomer]);
    for (const [args, code, line, env] of failures) {
      const ended = await command(args, env);
      expect(ended, args.join(' ')).to.deep.include({ code, stdout: '' });
      expect(ended.stderr, args.join(' '))
        .to.match(line)
        .and.match(/^image: [^\n]+\n$/);
    }
    expect((await command([...upload, '--url', `${app.url}/`])).code, 'a slash at the end').to.equal(0);
  });
});
