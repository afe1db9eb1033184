import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { startMysqlServer } from '../../../localstack/mysql/start-mysql-server.ts';
import { freePort } from '../../../localstack/processes/free-port.ts';
import { migrate } from '../../../app/migrations/migrate.ts';
import { imageLayout } from '../../../lib/container/image-layout.ts';
import { baseRoot } from '../../../scripts/container/base-root.ts';
import { type BuiltImage, buildImage } from '../../../scripts/container/build-image.ts';
import { shopPaths } from '../../../scripts/shop/shop-paths.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { startOwnRedis } from '../../support/servers/own-redis.ts';
import { appEnvironment } from '../../support/shop/app-environment.ts';
import { temporaryFolder } from '../../support/shop/fresh-clone.ts';
import { skipWithout } from '../../support/skip-without.ts';
import { until } from '../../support/until.ts';
import { containerRuntime, runContainer, unpackImage } from './run-container.ts';

const top = join(import.meta.dirname, '../../..');
const own = process.arch === 'arm64' ? 'arm64' : 'x64';
const BUILD_TIMEOUT_MS = 600_000;

function build(arch: 'arm64' | 'x64', directory = temporaryFolder('rowlock-image-')): Promise<BuiltImage> {
  return buildImage({ top, arch, directory, cacheDir: shopPaths.cache, log: () => {} });
}

async function skipWithoutDebian(hook: Mocha.Context): Promise<void> {
  for (const arch of ['x64', 'arm64'] as const) {
    await baseRoot(arch, shopPaths.cache, () => {}).catch((error: unknown) =>
      skipWithout(`Debian packages: ${String(error).split('\n')[0]}`, hook),
    );
  }
}

interface Configuration {
  readonly architecture: string;
  readonly config: { readonly User: string };
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

const configurationOf = (layout: string): Configuration =>
  JSON.parse(readFileSync(imageLayout(layout).blobs[0]?.file ?? '', 'utf8')) as Configuration;

describe('the container image', function () {
  let image: BuiltImage;

  before(async function () {
    this.timeout(BUILD_TIMEOUT_MS);
    await skipWithoutDebian(this);
    image = await build(own);
  });

  it('has three layers, and every blob has the digest that is its name', () => {
    const names = readdirSync(join(image.layout, 'blobs/sha256'));
    for (const name of names) {
      const bytes = readFileSync(join(image.layout, 'blobs/sha256', name));
      expect(createHash('sha256').update(bytes).digest('hex')).to.equal(name);
    }
    // Manifest, configuration and layers, and nothing of an earlier build.
    expect(names).to.have.length(5);
    const { blobs, tag } = imageLayout(image.layout);
    expect(blobs).to.have.length(4);
    expect(tag).to.match(/^\d+\.\d+\.\d+-[0-9a-f]{12}$/);
    expect(configurationOf(image.layout).rootfs.diff_ids).to.have.length(3);
  });

  it('has the same bytes when it is built again in another folder', async () => {
    const again = await build(own);
    expect(again.digest).to.equal(image.digest);
    expect(readFileSync(join(again.layout, 'index.json'), 'utf8')).to.equal(
      readFileSync(join(image.layout, 'index.json'), 'utf8'),
    );
  });

  it('runs as a user that is not root, and has no shell', async () => {
    expect(configurationOf(image.layout).config.User).to.equal('65532:65532');
    const root = await unpackImage(image.layout);
    expect(readdirSync(root).toSorted()).to.include.members(['etc', 'lib', 'opt', 'tmp', 'usr']);
    expect(readdirSync(root)).to.not.include.members(['bin']);
    expect(statSync(join(root, 'tmp')).mode & 0o7777).to.equal(0o1777);
    expect(readdirSync(join(root, 'opt/rowlock/instance'))).to.not.include('install.sh');
  });

  it('is built for the other architecture too, with its libraries', async () => {
    const other = own === 'x64' ? 'arm64' : 'x64';
    const { layout } = await build(other);
    expect(configurationOf(layout).architecture).to.equal(other === 'x64' ? 'amd64' : 'arm64');
    const root = await unpackImage(layout);
    // Byte 18 of an ELF file is the machine: 62 is x86-64, 183 is AArch64.
    const machine = readFileSync(join(root, 'opt/rowlock/bin/node'))[18];
    expect(machine).to.equal(other === 'x64' ? 62 : 183);
    const triple = other === 'x64' ? 'x86_64-linux-gnu' : 'aarch64-linux-gnu';
    for (const library of ['libc.so.6', 'libstdc++.so.6']) {
      expect(readFileSync(join(root, 'usr/lib', triple, library))[18]).to.equal(machine);
    }
  }).timeout(BUILD_TIMEOUT_MS);

  describe('under runc with a read-only root', function () {
    it('answers /readyz, writes nowhere but /tmp, and drains on SIGTERM', async function () {
      const runtime = await containerRuntime(this);
      const mysql = await startMysqlServer({
        dataDir: temporaryFolder('rowlock-image-mysql-'),
        cacheDir: shopPaths.cache,
        log: () => {},
        durable: false,
      });
      onCleanup(() => mysql.stop());
      const url = await mysql.createDatabase('rowlock').then(() => mysql.url('rowlock'));
      await migrate(url);
      const redis = await startOwnRedis();
      const httpPort = await freePort();
      const root = await unpackImage(image.layout);
      const nowhere = 'http://127.0.0.1:9';
      const container = runContainer(runtime, image.layout, root, {
        env: {
          ...appEnvironment({ url }, redis, {
            endpointUrl: nowhere,
            region: 'ap-northeast-2',
            queueUrl: `${nowhere}/queue`,
            bucket: 'images',
            imagesBaseUrl: `${nowhere}/images`,
          }),
          HTTP_PORT: String(httpPort),
        },
      });
      const isReady = async () =>
        (await fetch(`http://127.0.0.1:${httpPort}/readyz`).catch(() => undefined))?.status === 200;
      await Promise.race([
        until('/readyz answers 200', isReady, { timeoutMs: 60_000 }),
        container.ended.then(() => expect.fail(`the container has ended:\n${container.output()}`)),
      ]);
      const status = readFileSync(`/proc/${container.pid()}/status`, 'utf8');
      expect(status).to.match(/^Uid:\t65532\t/m);
      expect(status).to.match(/^CapEff:\t0{16}$/m);
      expect(status).to.match(/^NoNewPrivs:\t1$/m);
      container.stop();
      expect(await container.ended, container.output()).to.equal(0);
    });

    it('makes a picture with sharp and formats a date, and cannot write to its root', async function () {
      const runtime = await containerRuntime(this);
      const root = await unpackImage(image.layout);
      const script = `
        const { default: sharp } = await import('/opt/rowlock/node_modules/sharp/dist/index.mjs');
        const create = { width: 8, height: 8, channels: 3, background: 'red' };
        const avif = await sharp({ create }).avif().toBuffer();
        const { writeFileSync } = await import('node:fs');
        writeFileSync('/tmp/picture', avif);
        const date = new Date(0).toLocaleDateString('ko-KR', { dateStyle: 'full', timeZone: 'Asia/Seoul' });
        let refused = '';
        try { writeFileSync('/opt/rowlock/picture', avif); } catch (error) { refused = error.code; }
        console.log(JSON.stringify({ size: avif.length, date, refused }));`;
      const args = ['--input-type=module', '-e', script];
      const container = runContainer(runtime, image.layout, root, { args });
      expect(await container.ended, container.output()).to.equal(0);
      const { size, date, refused } = JSON.parse(container.output()) as Record<string, unknown>;
      expect(size).to.be.greaterThan(100);
      expect(date).to.equal('1970년 1월 1일 목요일');
      expect(refused).to.equal('EROFS');
    });
  });
});
