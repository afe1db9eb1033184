import { expect } from 'chai';
import { createConnection } from 'mysql2/promise';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { createCustomers } from '../../support/shop/create-customers.ts';
import { evaluateAlarm } from '../../support/observe/evaluate-alarm.ts';
import { openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { httpClient } from '../../support/shop/http-client.ts';
import { imageUploads, picture } from '../../support/shop/image-uploads.ts';
import { reportedMetric } from '../../support/observe/reported-metric.ts';
import { synthesisedStage } from '../../support/observe/synthesised-stage.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const BUYERS = 80;
const REQUESTS = 20;

// These tests compare what a process reports with the template's alarms: namespace, name, dimensions and
// threshold. test/infra/instance.test.ts makes the other two alarms on the app's metrics fire.
describe('alarms on the metrics of a process', function () {
  const shop = useTestShop();
  const alarmOf = (name: string): Readonly<Record<string, unknown>> => {
    const found = synthesisedStage('minimal')
      .ofType('AWS::CloudWatch::Alarm')
      .find(({ Properties }) => Properties['AlarmName'] === `rowlock-minimal-${name}`);
    if (found === undefined) throw new Error(`no alarm ${name}`);
    return found.Properties;
  };
  const start = (env: Record<string, string> = {}, role: 'api' | 'worker' = 'api') =>
    shop.start([role], { env: { STAGE: 'minimal', METRICS_EVERY_MS: '500', ...env } });
  /** Reports in the lines from now on. */
  const reportsOf = (app: AppProcess, name: string) => {
    const alarm = alarmOf(name);
    const seen = app.logs.length;
    return {
      threshold: Number(alarm['Threshold']),
      values: () => app.logs.slice(seen).flatMap((line) => reportedMetric(JSON.stringify(line), alarm) ?? []),
    };
  };

  /**
   * Value that failing-requests would have after `requests` requests for which AWS itself reported nothing.
   */
  const failingPercent = (app: AppProcess, seen: number, requests: number) =>
    evaluateAlarm(
      alarmOf('failing-requests'),
      app.logs
        .slice(seen)
        .map((line) => JSON.stringify(line))
        .join('\n'),
      { requests, balancer: undefined, gateway: undefined },
    );

  it('shed-requests fires when a locked product delays orders, and failing-requests does not', async () => {
    const app = await start({ ORDER_QUEUE_MAX: '1', ORDER_WAIT_MAX_MS: '100' });
    const admin = await adminClient(shop, app);
    const productId = await admin.newProduct({ price: 1, stock: 1000 });
    const customers = await createCustomers(shop, BUYERS, 1000);
    const shed = reportsOf(app, 'shed-requests');
    await until('a line at rest', () => shed.values().length > 0);
    expect(Math.max(...shed.values())).to.equal(0);

    const holder = await createConnection({ uri: shop.database.url });
    await holder.beginTransaction();
    await holder.query('SELECT 1 FROM product_stock WHERE product_id = ? FOR UPDATE', [uuidBytes(productId)]);
    await Promise.all(
      customers.map(({ token }) =>
        httpClient(app.url, token).postOrder([{ productId, quantity: 1 }], { key: token }),
      ),
    );
    await holder.rollback();
    await holder.end();
    // The metric is a counter: CloudWatch adds up the lines of a minute.
    const sum = () => shed.values().reduce((total, value) => total + value, 0);
    await until('enough requests are shed', () => sum() > shed.threshold);
    // A sale beyond the shop's capacity does not roll a release back.
    expect(failingPercent(app, 0, BUYERS)).to.equal(0);
    await app.stop();
  });

  it('failing-requests fires when the database is down', async () => {
    const proxy = await openFaultProxy(shop.database.url);
    const app = await start({ DATABASE_URL: proxy.through(shop.database.url) });
    const { threshold } = reportsOf(app, 'failing-requests');
    const ask = () =>
      Promise.all(Array.from({ length: REQUESTS }, () => fetch(`${app.url}/products?limit=1`)));
    expect((await ask()).map(({ status }) => status)).to.deep.equal(Array(REQUESTS).fill(200));
    expect(failingPercent(app, 0, REQUESTS)).to.equal(0);

    await proxy.refuse();
    const seen = app.logs.length;
    expect((await ask()).map(({ status }) => status)).to.deep.equal(Array(REQUESTS).fill(503));
    await until('the failures are reported', () => failingPercent(app, seen, REQUESTS) === 100);
    expect(failingPercent(app, seen, REQUESTS)).to.be.above(threshold);
    await proxy.close();
    await app.stop();
  });

  it('failing-requests counts balancer and gateway errors, and ignores a few at night', () => {
    const percent = (counts: { requests: number; balancer?: number; gateway?: number }) =>
      evaluateAlarm(alarmOf('failing-requests'), '', { balancer: undefined, gateway: undefined, ...counts });
    expect(percent({ requests: 1000, balancer: 20 })).to.equal(2);
    expect(percent({ requests: 1000, gateway: 20, balancer: 10 })).to.equal(3);
    expect(percent({ requests: 1000 })).to.equal(0);
    expect(percent({ requests: 10, gateway: 10 })).to.equal(0);
  });

  it('late-event-loop fires when the process gets too little CPU', async () => {
    const app = await start();
    const delays = reportsOf(app, 'late-event-loop');
    // The first line may tell of the start of a busy machine.
    await until('a line at rest', () => delays.values().some((value) => value < delays.threshold));

    const seen = delays.values().length;
    const later = () => delays.values().slice(seen);
    const average = () => later().reduce((sum, value) => sum + value, 0) / Math.max(1, later().length);
    // Stop the process for half of the time, as a machine without CPU credits would.
    let isRunning = true;
    const toggling = setInterval(() => {
      app.signal(isRunning ? 'SIGSTOP' : 'SIGCONT');
      isRunning = !isRunning;
    }, 400);
    try {
      await until('the average is late', () => later().length >= 2 && average() > delays.threshold, {
        timeoutMs: 30_000,
      });
    } finally {
      clearInterval(toggling);
      app.signal('SIGCONT');
    }
    await app.stop();
  });

  const letItHaveWaited = () =>
    shop.database.write('UPDATE image_jobs SET waiting_since = waiting_since - INTERVAL 20 MINUTE');

  it('images-wait fires when S3 failures block an image, despite retries', async () => {
    const { AWS_ENDPOINT_URL = '' } = shop.env;
    const proxy = await openFaultProxy(AWS_ENDPOINT_URL);
    const api = await start();
    const admin = await adminClient(shop, api);
    const uploads = imageUploads(shop, admin, await admin.newProduct());
    const worker = await start({ AWS_ENDPOINT_URL: proxy.through(AWS_ENDPOINT_URL) }, 'worker');
    const ages = reportsOf(worker, 'images-wait');
    await until('a line at rest', () => ages.values().at(-1) === 0);

    await proxy.refuse();
    const { imageId } = await uploads.upload(await picture('png'));
    // The image was announced long ago and completed just now.
    await shop.database.write('UPDATE product_images SET created_at = created_at - INTERVAL 20 MINUTE');
    const linesBefore = ages.values().length + 1;
    await until(
      'an image waits',
      () => (ages.values().at(-1) ?? 0) > 0 && ages.values().length > linesBefore,
    );
    expect(ages.values().at(-1)).to.be.below(ages.threshold);
    await letItHaveWaited();
    const failures = () => worker.logs.filter(({ event }) => event === 'image_work_failed').length;
    const before = failures();
    // Each pause is longer than the previous one.
    await until('the worker tries again', () => failures() > before, { timeoutMs: 20_000 });
    const seen = ages.values().length;
    const later = () => ages.values().slice(seen);
    await until('three more lines', () => later().length >= 3);
    expect(Math.min(...later())).to.be.above(ages.threshold);

    await proxy.pass();
    await uploads.untilStatus(imageId, 'READY');
    await until('nothing waits', () => ages.values().at(-1) === 0);
    await Promise.all([api.stop(), worker.stop()]);
  });

  it('images-wait counts from the removal of an old image, despite repeated requests', async () => {
    const { AWS_ENDPOINT_URL = '' } = shop.env;
    const proxy = await openFaultProxy(AWS_ENDPOINT_URL);
    const api = await start({ AWS_ENDPOINT_URL: proxy.through(AWS_ENDPOINT_URL) });
    const admin = await adminClient(shop, api);
    const uploads = imageUploads(shop, admin, await admin.newProduct());
    const { imageId } = await uploads.announce(await picture('png')).then(({ body }) => body);
    await shop.database.write('UPDATE product_images SET created_at = created_at - INTERVAL 20 MINUTE');
    const worker = await start({ AWS_ENDPOINT_URL: proxy.through(AWS_ENDPOINT_URL) }, 'worker');
    const ages = reportsOf(worker, 'images-wait');
    await until('a line at rest', () => ages.values().at(-1) === 0);

    await proxy.refuse();
    const remove = () => admin.request('DELETE', `/admin/images/${imageId}`);
    expect((await remove()).status).to.equal(503);
    await until('the removal waits', () => (ages.values().at(-1) ?? 0) > 0);
    expect(ages.values().at(-1)).to.be.below(ages.threshold);
    await letItHaveWaited();
    expect((await remove()).status).to.equal(503);
    const seen = ages.values().length;
    await until('the next metrics line is logged', () => ages.values().length > seen);
    expect(ages.values().at(-1)).to.be.above(ages.threshold);

    await proxy.pass();
    expect((await remove()).status).to.equal(204);
    await until('nothing waits', () => ages.values().at(-1) === 0);
    await Promise.all([api.stop(), worker.stop()]);
  });
});
