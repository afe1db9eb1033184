import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

export interface UploadImageOptions {
  readonly shopUrl: string;
  readonly account: { readonly email: string; readonly password: string };
  readonly productId: string;
  readonly bytes: Buffer<ArrayBuffer>;
  readonly contentType: string;
  /** Receives one line per finished step. */
  readonly print: (line: string) => void;
}

export interface ShownImage {
  readonly id: string;
  readonly variants: readonly { width: number; height: number; url: string }[];
}

interface Announced {
  readonly imageId: string;
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

interface ImageState extends ShownImage {
  readonly status: string;
  readonly reason: string | null;
}

type Call = <T>(method: string, path: string, body?: object) => Promise<T>;

const REQUEST_TIMEOUT_MS = 10_000;
const UPLOAD_TIMEOUT_MS = 60_000;
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 200;

/**
 * Does what an admin's browser does: announces the file, sends it straight to S3 with the presigned form,
 * completes the upload, and polls until the image is published. Throws an Error with one sentence that says
 * what was rejected and why.
 */
export async function uploadImage(options: UploadImageOptions): Promise<ShownImage> {
  const { shopUrl, account, productId, bytes, contentType, print } = options;
  const { token } = await caller(shopUrl)<{ token: string }>('POST', '/auth/login', account);
  const call = caller(shopUrl, token);
  try {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const announced = await call<Announced>('POST', `/admin/products/${productId}/images`, {
      contentType,
      size: bytes.length,
      sha256,
    });
    const file = `${contentType}, ${bytes.length} bytes, sha256 ${sha256.slice(0, 12)}…`;
    print(`announced  ${announced.imageId}: ${file}`);
    await sendForm(announced, bytes, contentType);
    print(`uploaded   with a form to ${announced.url}, as ${announced.fields['key']}`);
    const startMs = performance.now();
    await call('POST', `/admin/images/${announced.imageId}/complete`);
    print('completed  size, checksum, type and number of pixels are correct');
    const image = await untilReady(call, announced.imageId);
    print(`ready      ${((performance.now() - startMs) / 1000).toFixed(1)} s later`);
    return image;
  } finally {
    await call('POST', '/auth/logout').catch(() => undefined);
  }
}

async function sendForm({ url, fields }: Announced, bytes: Buffer<ArrayBuffer>, type: string): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  // The file comes last: S3 ignores the fields after it.
  form.append('file', new Blob([bytes], { type }));
  const sent = await answerOf(url, { method: 'POST', body: form, timeoutMs: UPLOAD_TIMEOUT_MS });
  if (sent.ok) return;
  const code = /<Code>(\w+)<\/Code>/.exec(await sent.text())?.[1];
  throw new Error(`S3 rejected the upload: ${sent.status} ${code ?? ''}`.trimEnd());
}

async function untilReady(call: Call, imageId: string): Promise<ShownImage> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadlineMs) {
    const image = await call<ImageState>('GET', `/admin/images/${imageId}`);
    if (image.status === 'READY') return image;
    if (image.status === 'REJECTED') throw new Error(`the worker rejected the image: ${image.reason}`);
    await delay(POLL_MS);
  }
  throw new Error(
    `the image ${imageId} is not ready after ${READY_TIMEOUT_MS / 1000} s: is the worker running?`,
  );
}

/** Calls the shop. Throws with the code of the problem in its response. */
function caller(shopUrl: string, token?: string): Call {
  return async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await answerOf(`${shopUrl}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      timeoutMs: REQUEST_TIMEOUT_MS,
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(`the shop rejected ${method} ${path}: ${problemOf(response.status, text)}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
}

function problemOf(status: number, text: string): string {
  try {
    const { code, reason, title } = JSON.parse(text) as Record<string, string | undefined>;
    return `${status} ${code}${reason === undefined ? '' : ` (${reason})`}: ${title}`;
  } catch {
    return `${status}`;
  }
}

async function answerOf(
  url: string,
  { timeoutMs, ...init }: RequestInit & { timeoutMs: number },
): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    throw new Error(`${new URL(url).origin} does not respond`, { cause: error });
  }
}
