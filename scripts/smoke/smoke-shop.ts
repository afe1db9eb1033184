import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { lookAtChallenge } from './look-at-challenge.ts';
import type { ShopApi } from './shop-api.ts';

export interface SmokeOptions {
  readonly api: ShopApi;
  readonly admin: { readonly email: string; readonly password: string };
  readonly log: (line: string) => void;
}

/** A picture of 2 × 2 pixels. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGOQj1oARAwQCgAcxgRlQQo2wAAAAABJRU5ErkJggg==',
  'base64',
);
const PRICE = 1;
/** Maximum quantity of an order line, so that the product enters the popular list of a busy shop. */
const UNITS = 1000;
const FIRST_LOOK_MS = 3000;
const POPULAR_MAX = 20;
/** A second where nothing else runs; a busy laptop needs more than a minute. */
const IMAGE_TIMEOUT_MS = 120_000;
/** The list may be a minute old, and an event may return after a visibility timeout. */
const POPULAR_TIMEOUT_MS = 120_000;
const POLL_MS = 1000;

/**
 * Drives a shop from outside through everything a deployment connects: an order and its replay, its event
 * through the queue into the statistics, an image from the browser's upload to the worker's variants, and the
 * popular list. Then undoes what it can: cancels the order, removes the image and takes the product off sale.
 * An inactive product and a customer remain. Throws at the first failing step, after undoing the earlier
 * ones.
 */
export async function smokeShop({ api, admin, log }: SmokeOptions): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    await api.ask('GET', '/readyz', 200);
    const { body: state } = await api.ask('GET', '/status', 200);
    log(`ready; dependencies: ${state.status}`);
    log(await lookAtChallenge(api));
    const shopkeeper = api.as((await api.ask('POST', '/auth/login', 200, { body: admin })).body.token);
    const productId = await offerProduct(shopkeeper, undo);
    log(`a product is on sale: ${productId}`);
    await showImage(shopkeeper, productId, undo);
    log('an image was uploaded, its variants were made and can be read');
    await buy(api, productId, UNITS, undo);
    log(`${UNITS} units were bought; the order sent twice is one order`);
    // Wait first: a read that comes too early would cache the list without the product for a minute.
    await delay(FIRST_LOOK_MS);
    await until(
      'the order is in the popular list: outbox, queue, statistics, cache',
      POPULAR_TIMEOUT_MS,
      async () => {
        const { body } = await api.ask('GET', `/products/popular?limit=${POPULAR_MAX}`, 200);
        return (body.data as { id: string }[]).some(({ id }) => id === productId) ? true : undefined;
      },
    );
    log('the event passed the queue and was counted: the product is in the popular list');
  } finally {
    // Undo the latest step first; a failing step must not prevent the others.
    for (const step of undo.toReversed()) {
      await step().catch((error: unknown) => log(`NOT UNDONE: ${String(error)}`));
    }
  }
  log('undone: order cancelled, image removed, product taken off sale');
}

type Undo = (() => Promise<void>)[];

async function offerProduct(shopkeeper: ShopApi, undo: Undo): Promise<string> {
  const name = `smoke test ${randomUUID()}`;
  const { body } = await shopkeeper.ask('POST', '/admin/products', 201, {
    body: { name, price: PRICE, stock: UNITS },
  });
  const path = `/admin/products/${body.id}`;
  undo.push(async () => {
    const { etag } = await shopkeeper.ask('GET', path, 200);
    await shopkeeper.ask('PUT', path, 200, {
      body: { name, description: '', price: PRICE, status: 'INACTIVE', purchaseLimit: null },
      ifMatch: etag,
    });
  });
  return body.id as string;
}

async function showImage(shopkeeper: ShopApi, productId: string, undo: Undo): Promise<void> {
  const { body: upload } = await shopkeeper.ask('POST', `/admin/products/${productId}/images`, 201, {
    body: {
      contentType: 'image/png',
      size: PNG.length,
      sha256: createHash('sha256').update(PNG).digest('hex'),
    },
  });
  const path = `/admin/images/${upload.imageId}`;
  undo.push(async () => {
    await shopkeeper.ask('DELETE', path, 204);
  });
  const form = new FormData();
  for (const [field, value] of Object.entries(upload.fields as Record<string, string>)) {
    form.append(field, value);
  }
  form.append('file', new Blob([PNG]));
  const sent = await fetch(upload.url, { method: 'POST', body: form });
  if (!sent.ok) throw new Error(`the bucket answered ${sent.status} to the upload: ${await sent.text()}`);
  await shopkeeper.ask('POST', `${path}/complete`, 200);
  const url = await until('the variants of the image are made', IMAGE_TIMEOUT_MS, async () => {
    const { body } = await shopkeeper.ask('GET', path, 200);
    if (body.status === 'REJECTED') throw new Error(`the image was rejected: ${body.reason}`);
    return body.status === 'READY' ? (body.url as string) : undefined;
  });
  const shown = await fetch(url);
  if (shown.headers.get('content-type') !== 'image/webp') {
    throw new Error(`${url} answered ${shown.status} ${shown.headers.get('content-type')}`);
  }
}

async function buy(api: ShopApi, productId: string, quantity: number, undo: Undo): Promise<void> {
  const body = { email: `smoke-${randomUUID()}@example.com`, password: randomUUID() };
  await api.ask('POST', '/auth/signup', 201, { body });
  const customer = api.as((await api.ask('POST', '/auth/login', 200, { body })).body.token);
  await customer.ask('POST', '/me/balance/charges', 200, {
    body: { amount: quantity * PRICE },
    key: randomUUID(),
  });
  const order = { body: { items: [{ productId, quantity }] }, key: randomUUID() };
  const first = await customer.ask('POST', '/orders', 200, order);
  undo.push(async () => {
    await customer.ask('POST', `/orders/${first.body.id}/cancel`, 200, { key: randomUUID() });
  });
  const again = await customer.ask('POST', '/orders', 200, order);
  if (again.body.id !== first.body.id || !again.replayed) throw new Error('an order sent twice became two');
}

async function until<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const lastMs = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > lastMs) throw new Error(`waited ${timeoutMs / 1000} s for: ${what}`);
    await delay(POLL_MS);
  }
}
