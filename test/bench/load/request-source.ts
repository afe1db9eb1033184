import type { FixedRequest, LoadJob } from './load-job.ts';
import { seededRandom } from './seeded-random.ts';
import { zipfSampler } from './zipf-sampler.ts';

/**
 * Returns a function that creates the text of the next request. All parts are built beforehand; only the key
 * of an order is new, so that a request costs one short concatenation.
 */
export function requestSource(job: LoadJob, host: string): () => string {
  const { requests, seed } = job;
  if (requests.kind === 'fixed') {
    const text = fixedText(requests, host);
    return () => text;
  }
  const random = seededRandom(seed);
  const drawProduct = zipfSampler(requests.productIds.length, requests.zipfExponent, random);
  const bodies = requests.productIds.map(
    (productId) => `{"items":[{"productId":"${productId}","quantity":1}]}`,
  );
  const heads = requests.tokens.map((token) =>
    [
      'POST /orders HTTP/1.1',
      `Host: ${host}`,
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      `Content-Length: ${bodies[0]?.length ?? 0}`,
      `Idempotency-Key: ${requests.keyPrefix}`,
    ].join('\r\n'),
  );
  if (heads.length === 0 || bodies.length === 0) throw new Error('orders need tokens and products');
  let number = 0;
  return () => {
    number += 1;
    const user = Math.floor(random() * heads.length);
    return `${heads[user]}${number.toString(36)}\r\n\r\n${bodies[drawProduct()]}`;
  };
}

function fixedText({ method, path, headers = {}, body }: FixedRequest, host: string): string {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) {
    lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}
