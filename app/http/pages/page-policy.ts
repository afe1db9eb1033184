import type { PageRoom } from '../../contract/page-files.ts';

export interface PagePolicyOptions {
  /** Origin of product images, such as `https://shop.example.com`. */
  readonly imagesOrigin: string;
  /** Origin that takes the console's uploads: the bucket itself. */
  readonly uploadsOrigin: string;
}

/** Lets a browser connect to the images' origin while it loads the page. */
export function preconnect({ imagesOrigin }: PagePolicyOptions): string {
  return `<${imagesOrigin}>; rel=preconnect`;
}

/**
 * Headers of a room's pages in addition to those of every response. Pages load and run only their own files,
 * show product images, and cannot be framed. Only the console also uploads, and previews what it uploads.
 */
export function pageHeaders(
  room: PageRoom,
  { imagesOrigin, uploadsOrigin }: PagePolicyOptions,
): Readonly<Record<string, string>> {
  const isConsole = room === 'console';
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    `img-src 'self' ${imagesOrigin}${isConsole ? ' blob:' : ''}`,
    `connect-src 'self'${isConsole ? ` ${uploadsOrigin}` : ''}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
  return {
    'Content-Security-Policy': policy,
    'X-Frame-Options': 'DENY',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
    'Referrer-Policy': 'same-origin',
  };
}
