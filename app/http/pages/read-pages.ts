import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tagOf } from '../contract/tagged-reply.ts';

/** Folders of the built pages and first parts of their paths. */
export const pageRooms = ['shop', 'console'] as const;
export type PageRoom = (typeof pageRooms)[number];

export interface PageFile {
  readonly bytes: Buffer;
  /** Undefined for files that are compressed already. */
  readonly gzip: Buffer | undefined;
  readonly etag: string;
  readonly contentType: string;
  readonly cacheControl: string;
}

/** Each room's files by name. */
export type PageFiles = ReadonlyMap<PageRoom, ReadonlyMap<string, PageFile>>;

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};
/** Their names change with their content. */
const hashedName = /-[A-Z0-9]{8}\.[a-z0-9]+$/;
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Revalidated each time, so that a release shows at once. */
const REVALIDATED = 'public, no-cache';

/**
 * Reads the built pages into memory: about 200 KB. Throws if the folder lacks a room's index.html; returns
 * undefined if the folder does not exist and `isOptional`.
 */
export function readPages(directory: string, { isOptional }: { isOptional: boolean }): PageFiles | undefined {
  if (isOptional && !existsSync(directory)) return undefined;
  return new Map(
    pageRooms.map((room) => {
      const folder = join(directory, room);
      const names = existsSync(folder) ? readdirSync(folder) : [];
      if (!names.includes('index.html'))
        throw new Error(`${folder} has no index.html: build the pages with npm run pages`);
      return [room, new Map(names.map((name) => [name, pageFile(folder, name)]))];
    }),
  );
}

function pageFile(folder: string, name: string): PageFile {
  const bytes = readFileSync(join(folder, name));
  const contentType = contentTypes[extname(name)] ?? 'application/octet-stream';
  return {
    bytes,
    gzip: contentType.startsWith('font/') ? undefined : gzipSync(bytes, { level: 9 }),
    etag: tagOf(bytes),
    contentType,
    cacheControl: hashedName.test(name) ? IMMUTABLE : REVALIDATED,
  };
}
