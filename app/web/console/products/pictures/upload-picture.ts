import type { Answer } from '../../../client/rowlock-client.ts';
import { api } from '../../../shared/api.ts';

export type AdminImage = Answer<'readImage'>;

export const pictureTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/avif'] as const;
export type PictureType = (typeof pictureTypes)[number];

/** The API refuses larger ones; said before a byte is sent. */
export const PICTURE_BYTES_MAX = 10 * 1024 * 1024;
/** A worker takes about a second; more means that none runs. */
const POLL_MS = 700;
const POLLS_MAX = 90;

export type UploadStep =
  | { readonly code: 'waiting' | 'announcing' | 'processing' | 'stopped' }
  | { readonly code: 'uploading'; readonly percent: number }
  | { readonly code: 'ready'; readonly image: AdminImage }
  | { readonly code: 'rejected'; readonly reason: NonNullable<AdminImage['reason']> | null }
  | { readonly code: 'failed'; readonly reason: 'tooLarge' | 'wrongType' | 'noAnswer' | 'slow' };

export interface UploadOptions {
  readonly productId: string;
  readonly file: File;
  readonly onStep: (step: UploadStep) => void;
  readonly signal: AbortSignal;
}

/** Announces a file, sends it straight to the bucket, and waits until a worker has made its sizes. */
export async function uploadPicture({ productId, file, onStep, signal }: UploadOptions): Promise<void> {
  const contentType = pictureTypes.find((type) => type === file.type);
  if (contentType === undefined) return onStep({ code: 'failed', reason: 'wrongType' });
  if (file.size > PICTURE_BYTES_MAX) return onStep({ code: 'failed', reason: 'tooLarge' });
  onStep({ code: 'announcing' });
  const { imageId, url, fields } = await api.call('announceImage', {
    path: { productId },
    body: { contentType, size: file.size, sha256: await sha256Of(file) },
    signal,
  });
  onStep({ code: 'uploading', percent: 0 });
  await sendForm({ url, fields: fields ?? {}, file, onStep, signal });
  onStep({ code: 'processing' });
  const path = { imageId };
  let image = await api.call('completeImage', { path, signal });
  for (let polls = 0; image.status === 'PENDING' || image.status === 'PROCESSING'; polls += 1) {
    if (polls === POLLS_MAX) return onStep({ code: 'failed', reason: 'slow' });
    await pause(POLL_MS, signal);
    image = await api.call('readImage', { path, signal });
  }
  onStep(image.status === 'READY' ? { code: 'ready', image } : { code: 'rejected', reason: image.reason });
}

async function sha256Of(file: File): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

interface SendOptions extends Omit<UploadOptions, 'productId'> {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** XMLHttpRequest, because fetch does not tell how far an upload is. */
function sendForm({ url, fields, file, onStep, signal }: SendOptions): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      onStep({ code: 'uploading', percent: Math.floor((100 * loaded) / Math.max(1, total)) }),
    );
    request.addEventListener('load', () =>
      request.status >= 200 && request.status < 300
        ? resolve()
        : reject(new Error(`the bucket answered ${request.status}`)),
    );
    request.addEventListener('error', () => reject(new Error('the bucket did not answer')));
    signal.addEventListener('abort', () => {
      request.abort();
      reject(signal.reason as Error);
    });
    request.open('POST', url);
    request.send(form);
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
