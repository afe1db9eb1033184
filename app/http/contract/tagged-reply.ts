import { createHash } from 'node:crypto';
import type { Reply } from './route.ts';

/**
 * A reply that anybody may keep for `freshS` seconds and then ask again for with its ETag: the same bytes for every
 * caller. Browsers ask at once (their copy lies behind CloudFront's), shared caches when the time is over. There is no
 * `Vary`, because nothing in a request but its address changes the answer.
 */
export function taggedReply(body: unknown, freshS: number): Reply {
  const text = JSON.stringify(body);
  return {
    status: 200,
    headers: { ETag: tagOf(text), 'Cache-Control': `public, max-age=0, s-maxage=${freshS}` },
    body: text,
  };
}

/** The strong ETag of these bytes. */
export function tagOf(content: string | Buffer): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 27)}"`;
}

/** Whether the sender of `If-None-Match` has what the ETag names. Weak tags too: a cache that compresses weakens them. */
export function hasTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const plain = (tag: string) => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || plain(tag) === plain(etag));
}

/** Whether the sender of `If-Match` has seen this very version (RFC 9110, 13.1.1: the strong comparison). */
export function matchesTag(ifMatch: string, etag: string): boolean {
  return ifMatch.split(',').some((tag) => tag.trim() === '*' || tag.trim() === etag);
}
