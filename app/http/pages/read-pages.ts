import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type PageRoom, pageFileHeaders, pageRooms } from '../../contract/page-files.ts';
import { tagOf } from '../contract/tagged-reply.ts';

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
  const headers = pageFileHeaders(name);
  return {
    ...headers,
    bytes,
    gzip: headers.contentType.startsWith('font/') ? undefined : gzipSync(bytes, { level: 9 }),
    etag: tagOf(bytes),
  };
}
