import { expect } from 'chai';
import sharp from 'sharp';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { type FaultProxy, openFaultProxy } from '../../support/servers/fault-proxy.ts';
import {
  imageRows,
  type ImageUploads,
  imageUploads,
  objectsOf,
  picture,
  postForm,
} from '../../support/shop/image-uploads.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

/** The app's request deadline is 8 s. */
const ANSWER_MAX_MS = 8500;
const LEASE = { IMAGE_LEASE_MS: '1000', IMAGE_POLL_MS: '50' };

describe('images in the hands of workers', () => {
  const shop = useTestShop();
  let api: AppProcess;
  let admin: AdminClient;
  let productId: string;
  let uploads: ImageUploads;
  before(async () => {
    api = await shop.start(['api'], { env: LEASE });
    admin = await adminClient(shop, api);
  });
  beforeEach(async () => {
    // Work that earlier tests have left, which the worker of this one would do first.
    await shop.database.write('DELETE FROM image_jobs');
    productId = await admin.newProduct();
    uploads = imageUploads(shop, admin, productId);
  });

  const remove = (imageId: string) => admin.request('DELETE', `/admin/images/${imageId}`);
  const shownImages = async () => (await admin.get(`/products/${productId}`)).body.images;
  /** Starts a worker and waits until it has begun an image that takes a while. */
  const workerAtWork = async () => {
    const large = { create: { width: 6500, height: 6000, channels: 3 as const, background: '#888' } };
    const bytes = Buffer.from(await sharp(large).png({ progressive: true, compressionLevel: 1 }).toBuffer());
    const { imageId } = await uploads.upload(bytes);
    // The image takes 3 s of computing, and ten times as long on a busy machine.
    const env = { IMAGE_POLL_MS: '10', DRAIN_TIMEOUT_MS: '60000' };
    const worker = await shop.start(['worker'], { env });
    await until('the worker has claimed the image', async () => {
      const id = uuidBytes(imageId);
      return (await shop.database.value('SELECT attempts FROM image_jobs WHERE image_id = ?', [id])) === 1;
    });
    return { imageId, worker };
  };
  const nothingLeftToDo = (imageId: string) =>
    until("the image's work is done", async () => (await imageRows(shop, imageId))?.kind === null);

  /** Starts a worker that receives nothing more from S3 once it sends the n-th file of an image. */
  async function stuckWorker(fileNumber: number) {
    const proxy = await openFaultProxy(shop.env['AWS_ENDPOINT_URL'] ?? '');
    let files = 0;
    proxy.watchClient((bytes) => {
      if (/^PUT \/[^ ]*\/images\//.test(bytes.toString('latin1'))) files += 1;
      return files < fileNumber ? 'forward' : 'freeze';
    });
    const worker = await shop.start(['worker'], {
      env: { ...LEASE, AWS_ENDPOINT_URL: proxy.through(shop.env['AWS_ENDPOINT_URL'] ?? '') },
    });
    return { worker, isStuck: () => until('the worker is stuck', () => files >= fileNumber) };
  }

  it('whose worker dies midway are finished by another', async () => {
    const { worker, isStuck } = await stuckWorker(2);
    const { imageId } = await uploads.upload(await picture('png'));
    await isStuck();
    await worker.kill();
    const other = await shop.start(['worker'], { env: LEASE });
    await uploads.untilStatus(imageId, 'READY');
    await nothingLeftToDo(imageId);
    expect(await objectsOf(shop, imageId), 'three files and no upload').to.have.lengthOf(3);
    await other.stop();
  });

  it('that crashed three workers are rejected', async function () {
    const { imageId } = await uploads.upload(await picture('png'));
    for (let death = 1; death <= 3; death += 1) {
      const { worker, isStuck } = await stuckWorker(2);
      await isStuck();
      await worker.kill();
    }
    expect(await objectsOf(shop, imageId), 'the upload and one file').to.have.lengthOf(2);
    const last = await shop.start(['worker'], { env: LEASE });
    const { reason } = await uploads.untilStatus(imageId, 'REJECTED');
    expect(reason).to.equal('processing_failed');
    await until('no object is left', async () => (await objectsOf(shop, imageId)).length === 0);
    await last.stop();
  });

  it('are encoded once each by two workers with two lanes', async () => {
    const png = await picture('png');
    const ids = await Promise.all(
      Array.from({ length: 20 }, async () => (await uploads.upload(png)).imageId),
    );
    const env = { IMAGE_LANES: '2' };
    const workers = await Promise.all([shop.start(['worker'], { env }), shop.start(['worker'], { env })]);
    for (const id of ids) await nothingLeftToDo(id);
    expect(await shownImages()).to.have.lengthOf(20);
    const made = workers.flatMap(({ logs }) => logs.filter(({ event }) => event === 'image_ready'));
    expect(made.map(({ imageId }) => imageId)).to.have.members(ids);
    for (const worker of workers) await worker.stop();
  });

  it('are finished by a worker that is stopping', async () => {
    const { imageId, worker } = await workerAtWork();
    expect((await imageRows(shop, imageId))?.status, 'still at it').to.equal('PROCESSING');
    await worker.stop();
    expect((await imageRows(shop, imageId))?.status).to.equal('READY');
    expect(worker.logs.filter(({ event }) => event === 'image_ready')).to.have.lengthOf(1);
  });

  it('that are deleted while their worker dies leave nothing behind', async () => {
    const { worker, isStuck } = await stuckWorker(2);
    const { imageId } = await uploads.upload(await picture('png'));
    await isStuck();
    expect((await remove(imageId)).status).to.equal(204);
    expect((await admin.get(`/admin/images/${imageId}`)).body.code).to.equal('image_not_found');
    expect(await imageRows(shop, imageId), 'kept while the worker may write').to.include({
      status: 'REMOVED',
    });
    await worker.kill();
    const other = await shop.start(['worker'], { env: LEASE });
    await until('the row is gone', async () => (await imageRows(shop, imageId)) === undefined);
    expect(await objectsOf(shop, imageId)).to.deep.equal([]);
    await other.stop();
  });

  it('that are deleted while their worker continues leave nothing behind', async () => {
    const { imageId, worker } = await workerAtWork();
    expect((await remove(imageId)).status).to.equal(204);
    await until('the row is gone', async () => (await imageRows(shop, imageId)) === undefined);
    expect(await objectsOf(shop, imageId)).to.deep.equal([]);
    await worker.stop();
  });

  it('that were never completed, or rejected, are deleted after a while, with their uploads', async () => {
    const quick = await shop.start(['api'], { env: { IMAGE_UPLOAD_RETENTION_MS: '300' } });
    const hasty = imageUploads(shop, admin.at(quick.url), productId);
    const png = await picture('png');
    const abandoned = (await hasty.announce(png)).body;
    await postForm(abandoned, png);
    const neverSent = (await hasty.announce(png)).body.imageId;
    const page = Buffer.from('<!doctype html>'.padEnd(100));
    const refused = (await hasty.announce(page)).body.imageId;
    await hasty.putObject(refused, page);
    expect((await hasty.complete(refused)).body.reason).to.equal('wrong_type');
    const completed = (await hasty.upload(png)).imageId;
    const kept = (await uploads.announce(png)).body.imageId;

    const worker = await shop.start(['worker'], { env: { ...LEASE, IMAGE_SWEEP_EVERY_MS: '100' } });
    for (const id of [abandoned.imageId, neverSent, refused]) {
      await until('the image is deleted', async () => (await imageRows(shop, id)) === undefined);
      expect(await objectsOf(shop, id)).to.deep.equal([]);
    }
    await uploads.untilStatus(completed, 'READY');
    expect((await imageRows(shop, kept))?.status).to.equal('PENDING');
    await worker.stop();
  });

  describe('while S3 is unavailable', () => {
    let proxy: FaultProxy;
    let cut: AppProcess;
    let cutAdmin: AdminClient;
    let own: ImageUploads;
    before(async () => {
      const endpoint = shop.env['AWS_ENDPOINT_URL'] ?? '';
      proxy = await openFaultProxy(endpoint);
      cut = await shop.start(['api'], { env: { ...LEASE, AWS_ENDPOINT_URL: proxy.through(endpoint) } });
      cutAdmin = await adminClient(shop, cut);
    });
    beforeEach(() => {
      own = imageUploads(shop, cutAdmin, productId);
    });
    afterEach(() => proxy.pass());

    for (const fault of ['refuse', 'blackhole'] as const) {
      it(`are announced, and completed once it is back (${fault})`, async function () {
        const png = await picture('png');
        await proxy[fault]();
        const { status, body } = await own.announce(png);
        expect(status, 'no need of S3').to.equal(201);
        await proxy.pass();
        expect((await postForm(body, png)).ok).to.equal(true);
        await proxy[fault]();
        const startMs = performance.now();
        const refused = await own.complete(body.imageId);
        expect(refused.status, refused.text).to.equal(503);
        expect(refused.body.code).to.equal('dependency_unavailable');
        expect(refused.headers.get('retry-after')).to.match(/^\d+$/);
        expect(performance.now() - startMs).to.be.lessThan(onThisMachine(ANSWER_MAX_MS));
        expect((await imageRows(shop, body.imageId))?.status).to.equal('PENDING');
        await proxy.pass();
        const completed = await until('the completion succeeds', async () => {
          const reply = await own.complete(body.imageId);
          return reply.status === 200 ? reply : undefined;
        });
        expect(completed.body.status).to.equal('PROCESSING');
      });
    }

    it('are encoded once, even if a completion gets a late response from S3', async () => {
      const worker = await shop.start(['worker'], { env: LEASE });
      const png = await picture('png');
      const { imageId, ...form } = (await own.announce(png)).body;
      await postForm(form, png);
      let isReading = false;
      proxy.watchClient((bytes) => {
        isReading ||= bytes.toString('latin1').startsWith('GET ');
        return 'forward';
      });
      await proxy.slow(1500);
      const late = own.complete(imageId);
      await until('the worker reads the upload', () => isReading);
      expect((await imageUploads(shop, cutAdmin.at(api.url), productId).complete(imageId)).status).to.equal(
        200,
      );
      await nothingLeftToDo(imageId);
      expect((await late).body).to.include({ id: imageId, status: 'READY' });
      expect(await imageRows(shop, imageId)).to.include({ status: 'READY', kind: null });
      proxy.watchClient(undefined);
      await worker.stop();
    });

    it('are not rejected', async () => {
      const page = Buffer.from('<!doctype html>'.padEnd(100));
      const { imageId } = (await own.announce(page)).body;
      await own.putObject(imageId, page);
      await proxy.refuse();
      expect((await own.complete(imageId)).body.code).to.equal('dependency_unavailable');
      expect(await imageRows(shop, imageId)).to.deep.equal({
        status: 'PENDING',
        kind: 'EXPIRE',
        reason: null,
      });
      await proxy.pass();
      expect((await own.complete(imageId)).body.reason).to.equal('wrong_type');
    });

    it('wait for it, however often they were tried', async function () {
      const { imageId } = await uploads.upload(await picture('png'));
      await proxy.refuse();
      const endpoint = proxy.through(shop.env['AWS_ENDPOINT_URL'] ?? '');
      const worker = await shop.start(['worker'], { env: { ...LEASE, AWS_ENDPOINT_URL: endpoint } });
      const line = await worker.waitForLog('image_work_failed', ({ failures }) => failures === 4, 20_000);
      expect(line['reason'], 'what S3 failed with').to.match(/^S3 failed; .*ECONN(REFUSED|RESET)/);
      expect((await imageRows(shop, imageId))?.status).to.equal('PROCESSING');
      await proxy.pass();
      await until('the image is ready', async () => (await imageRows(shop, imageId))?.status === 'READY', {
        timeoutMs: 15_000,
      });
      await worker.stop();
    });

    for (const who of ['the same request', 'a worker'] as const) {
      it(`are hidden by DELETE and removed by ${who} once it is back`, async () => {
        const { imageId } = await uploads.upload(await picture('png'));
        const maker = await shop.start(['worker'], { env: LEASE });
        await nothingLeftToDo(imageId);
        await maker.stop();
        expect(await shownImages()).to.have.lengthOf(1);
        await proxy.refuse();
        const failed = await cutAdmin.request('DELETE', `/admin/images/${imageId}`);
        expect(failed.body.code).to.equal('dependency_unavailable');
        expect(await shownImages()).to.deep.equal([]);
        expect(await objectsOf(shop, imageId)).to.have.lengthOf(3);
        await proxy.pass();
        const worker = who === 'a worker' ? await shop.start(['worker'], { env: LEASE }) : undefined;
        if (worker === undefined)
          expect((await cutAdmin.request('DELETE', `/admin/images/${imageId}`)).status).to.equal(204);
        await until('the row is gone', async () => (await imageRows(shop, imageId)) === undefined);
        expect(await objectsOf(shop, imageId)).to.deep.equal([]);
        await worker?.stop();
      });
    }
  });
});
