import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import sharp from 'sharp';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../support/admin-client.ts';
import type { AppProcess } from '../support/app-process.ts';
import { onCleanup } from '../support/cleanup.ts';
import { picture } from '../support/image-uploads.ts';
import { useTestShop } from '../support/test-shop.ts';

const COMMAND = fileURLToPath(new URL('../../scripts/image.ts', import.meta.url));

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
    const child = spawn(process.execPath, [COMMAND, 'upload', file, ...args], {
      env: { ...process.env, ...account },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    const [code] = (await once(child, 'close')) as [number];
    return { code, ...output };
  }

  it('gives a product an image and prints where it is', async () => {
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

  it('says why a file was refused', async () => {
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
    expect((await run(whole)).code, 'usage').to.equal(2);
    expect((await admin.get(`/products/${productId}`)).body.images).to.deep.equal([]);
  });
});
