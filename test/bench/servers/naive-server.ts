/**
 * The order endpoint as it is usually written: Express, a connection pool, one transaction per request. It
 * shares the shop's schema, sessions, validation rules, decision table, access log and event publishing, and
 * gives the same responses; it lacks only group deduction. Settings are those of app/config/shared.ts.
 */
import { randomUUID } from 'node:crypto';
import express, { type NextFunction, type Request, type Response } from 'express';
import { createPool } from 'mysql2';
import { z } from 'zod';
import { createAuthentication } from '../../../app/accounts/authenticate.ts';
import { createSessions } from '../../../app/accounts/sessions.ts';
import { EVENTS_PER_MESSAGE } from '../../../app/contract/order-events-queue.ts';
import { flatConfig } from '../../support/shop/flat-config.ts';
import type { OutboxEvent } from '../../../app/events/outbox-sql.ts';
import { createEventPublisher } from '../../../app/events/publish-events.ts';
import { requestHash } from '../../../app/http/contract/request-hash.ts';
import type { Caller } from '../../../app/http/contract/route.ts';
import { idempotencyKeySchema, idSchema } from '../../../app/http/contract/schemas.ts';
import { openDatabase } from '../../../app/platform/mysql/database.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { openRedis } from '../../../app/platform/redis/redis.ts';
import { openSqsTransport } from '../../../app/platform/aws/sqs.ts';
import { newUuid } from '../../../app/platform/uuid.ts';
import { sessionTimes } from '../../support/shop/session-times.ts';
import { placeOneOrder } from './place-one-order.ts';

/**
 * Hands events to the publisher in batches: one at a time, each would cost a call to the queue and a
 * transaction that removes its outbox row, which would slow the server by a third.
 */
const PUBLISH_EVERY_MS = 50;
const BODY_MAX_BYTES = 64 * 1024;
/** Requests wait for a connection and are never rejected: the benchmark offers no other load. */
const CONNECTIONS_WAITING_MAX = 1000;

const config = flatConfig(process.env);
const nowMs = () => Date.now();
const log = createLog({ level: config.LOG_LEVEL, role: 'naive', stage: config.STAGE });
// Used by the session lookup and the publisher, as in the app; orders use the separate pool below.
const database = openDatabase({
  writerUrl: config.DATABASE_URL,
  connectionsMax: 8,
  log,
  nowMs,
  random: () => Math.random(),
});
const sessions = createSessions({
  redis: openRedis({ url: config.REDIS_STATE_URL, role: 'state', log }),
  times: sessionTimes,
  nowMs,
});
const { authenticate } = createAuthentication({
  database,
  sessions,
  steadyMs: () => performance.now(),
});
const sender = openSqsTransport({
  region: config.AWS_REGION,
  endpoint: config.AWS_ENDPOINT_URL,
  queueUrl: config.ORDER_EVENTS_QUEUE_URL,
  eventsPerMessageMax: EVENTS_PER_MESSAGE,
});
const publisher = createEventPublisher({
  database,
  sender,
  graceMs: config.RELAY_GRACE_MS,
  nowMs,
  log,
});
const committed: OutboxEvent[] = [];
setInterval(() => publisher.publish(committed.splice(0)), PUBLISH_EVERY_MS);
const pool = createPool({
  uri: config.DATABASE_URL,
  connectionLimit: config.DATABASE_POOL_MAX,
  queueLimit: CONNECTIONS_WAITING_MAX,
  charset: 'utf8mb4_unicode_520_ci',
  timezone: 'Z',
  supportBigNumbers: true,
  decimalNumbers: true,
});

const orderSchema = z.strictObject({
  items: z
    .array(z.strictObject({ productId: idSchema, quantity: z.int().min(1).max(1000) }))
    .min(1)
    .max(50),
  expectedTotal: z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
});

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.get('/readyz', (_request, response) => {
  response.json({ status: 'ready' });
});
app.use(logRequest);
app.post(
  '/orders',
  // Returns the promise, which Express 5 awaits.
  (request: Request, response: Response, next: NextFunction) => requireSession(request, response, next),
  express.json({ limit: BODY_MAX_BYTES, inflate: false }),
  (request: Request, response: Response) => placeOrder(request, response),
);
app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
  const { status = 500 } = error as { status?: number };
  if (status >= 500) log.error('request_crashed', { error });
  refuse(response, status, status >= 500 ? 'internal_error' : 'validation_failed');
});
app.listen(config.HTTP_PORT, config.HTTP_HOST);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    publisher.publish(committed.splice(0));
    publisher.idle().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}

function logRequest(request: Request, response: Response, next: NextFunction): void {
  const startMs = nowMs();
  const requestId = randomUUID();
  response.locals['requestId'] = requestId;
  response.setHeader('X-Request-Id', requestId);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cache-Control', 'no-store');
  response.once('close', () => {
    const caller = response.locals['caller'] as Caller | undefined;
    log.info('http_request', {
      requestId,
      method: request.method,
      path: request.path,
      status: response.statusCode,
      completed: response.writableFinished,
      durationMs: nowMs() - startMs,
      userId: caller?.userId,
      code: response.locals['code'] as string | undefined,
    });
  });
  next();
}

async function requireSession(request: Request, response: Response, next: NextFunction): Promise<void> {
  const token = /^Bearer ([A-Za-z0-9_-]{43})$/.exec(request.get('authorization') ?? '')?.[1];
  const caller = token === undefined ? undefined : await authenticate(token);
  if (caller === undefined) {
    refuse(response, 401, 'unauthenticated');
    return;
  }
  response.locals['caller'] = caller;
  next();
}

async function placeOrder(request: Request, response: Response): Promise<void> {
  const key = idempotencyKeySchema.safeParse(request.get('idempotency-key'));
  const body = orderSchema.safeParse(request.body);
  if (!key.success || !body.success) {
    refuse(response, 400, 'validation_failed');
    return;
  }
  const { items, expectedTotal } = body.data;
  const outcome = await placeOneOrder(pool, {
    orderId: newUuid(),
    userId: (response.locals['caller'] as Caller).userId,
    idempotencyKey: key.data,
    requestHash: requestHash(
      items.map(({ productId, quantity }) => [productId, quantity]),
      expectedTotal ?? null,
    ),
    lines: items,
    expectedTotalKrw: expectedTotal,
    userCouponId: undefined,
  });
  if (outcome.code !== 'placed') {
    refuse(response, outcome.code === 'idempotency_key_reused' ? 422 : 409, outcome.code);
    return;
  }
  if (outcome.event !== undefined) committed.push(outcome.event);
  if (outcome.replayed) response.setHeader('Idempotent-Replayed', 'true');
  const { order } = outcome;
  response.json({
    id: order.orderId,
    status: 'COMPLETED',
    items: order.items.map((item) => ({
      productId: item.productId,
      name: item.productName,
      unitPrice: item.unitPriceKrw,
      quantity: item.quantity,
      stockSeq: item.stockSeq,
    })),
    subtotal: order.subtotalKrw,
    discount: order.discountKrw,
    total: order.totalKrw,
    balanceAfter: order.balanceAfterKrw,
    balanceSeq: order.balanceSeq,
    createdAt: order.createdAt,
  });
}

function refuse(response: Response, status: number, code: string): void {
  response.locals['code'] = code;
  response
    .status(status)
    .type('application/problem+json')
    .json({
      type: `urn:rowlock:problem:${code}`,
      status,
      code,
      traceId: response.locals['requestId'] as string,
    });
}
