/** What the app, CloudFront's bucket and the build agree on about the files of the pages. */

/** Folders of the built pages and first parts of their paths. */
export const pageRooms = ['shop', 'console'] as const;
export type PageRoom = (typeof pageRooms)[number];

const contentTypes: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  woff2: 'font/woff2',
};
/** The build puts a hash of the content into these names. */
const hashedName = /-[A-Z0-9]{8}\.[a-z0-9]+$/;
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Revalidated each time, so that a release shows at once. */
const REVALIDATED = 'public, no-cache';

/** Headers of a page's file, by its name. */
export function pageFileHeaders(name: string): {
  readonly contentType: string;
  readonly cacheControl: string;
} {
  return {
    contentType: contentTypes[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
    cacheControl: hashedName.test(name) ? IMMUTABLE : REVALIDATED,
  };
}
