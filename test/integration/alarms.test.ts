import { expect } from 'chai';
import { createConnection } from 'mysql2/promise';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { adminClient } from '../support/admin-client.ts';
import type { AppProcess } from '../support/app-process.ts';
import { createCustomers } from '../support/create-customers.ts';
import { httpClient } from '../support/http-client.ts';
import { reportedMetric } from '../support/reported-metric.ts';
import { synthesisedStage } from '../support/synthesised-stage.ts';
import { useTestShop } from '../support/test-shop.ts';
import { until } from '../support/until.ts';

const BUYERS = 80;

// What an API process reports is held against the alarms of the template: namespace, name, dimensions and threshold.
// The other two alarms on metrics of the app are made to fire in test/infra/instance.test.ts.
describe('the alarms on what an API process reports', function () {
  this.timeout(60_000);
  const shop = useTestShop();
  const alarmOf = (name: string): Readonly<Record<string, unknown>> => {
    const found = synthesisedStage('minimal')
      .ofType('AWS::CloudWatch::Alarm')
      .find(({ Properties }) => Properties['AlarmName'] === `rowlock-minimal-${name}`);
    if (found === undefined) throw new Error(`no alarm ${name}`);
    return found.Properties;
  };
  const start = (env: Record<string, string> = {}) =>
    shop.start(['api'], { env: { STAGE: 'minimal', METRICS_EVERY_MS: '500', ...env } });
  /** Of the lines from now on. */
  const reportsOf = (app: AppProcess, name: string) => {
    const alarm = alarmOf(name);
    const seen = app.logs.length;
    return {
      threshold: Number(alarm['Threshold']),
      values: () => app.logs.slice(seen).flatMap((line) => reportedMetric(JSON.stringify(line), alarm) ?? []),
    };
  };

  it('shed-requests fires when a locked product keeps orders waiting', async () => {
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
    // A counter: CloudWatch adds up the lines of a minute.
    const sum = () => shed.values().reduce((total, value) => total + value, 0);
    await until('enough were turned away', () => sum() > shed.threshold);
    await app.stop();
  });

  it('late-event-loop fires when the process does not get its core', async () => {
    const app = await start();
    const delays = reportsOf(app, 'late-event-loop');
    await until('a line at rest', () => delays.values().length > 0);
    expect(Math.min(...delays.values())).to.be.below(delays.threshold);

    const seen = delays.values().length;
    const later = () => delays.values().slice(seen);
    const average = () => later().reduce((sum, value) => sum + value, 0) / Math.max(1, later().length);
    // Stopped for most of the time, as a machine without credits would have it.
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
});
