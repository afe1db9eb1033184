import { pageRooms } from '../../contract/page-files.ts';
import type { Exchange } from '../contract/exchange.ts';
import { problem } from '../contract/problem.ts';
import { sendProblem, sendReply } from '../server/send-reply.ts';
import { type PagePolicyOptions, pageHeaders, preconnect } from './page-policy.ts';
import type { PageFile, PageFiles } from './read-pages.ts';

/** Serves the request if its path is one of a page; returns false for every other path. */
export type ServePages = (exchange: Exchange) => boolean;

/**
 * Serves the pages of shop and console from memory, as CloudFront does from their bucket: hashed files are
 * immutable, `/shop/anything` without a file extension is the room's index.html, `/shop` redirects to
 * `/shop/`. Pages are no operations of the API, so no document lists them.
 */
export function createServePages(files: PageFiles, options: PagePolicyOptions): ServePages {
  const headers = new Map(pageRooms.map((room) => [room, pageHeaders(room, options)]));

  return (exchange) => {
    const [, first = '', ...rest] = exchange.path.split('/');
    const room = pageRooms.find((name) => name === first);
    const ofRoom = room && files.get(room);
    if (room === undefined || ofRoom === undefined) return false;
    const { method } = exchange.request;
    if (method !== 'GET' && method !== 'HEAD') {
      exchange.response.setHeader('Allow', 'GET, HEAD');
      sendProblem(exchange, problem('method_not_allowed'));
      return true;
    }
    if (rest.length === 0) {
      sendReply(exchange, { status: 301, headers: { Location: `/${room}/` } });
      return true;
    }
    const name = rest.at(-1) ?? '';
    const file = rest.length === 1 ? ofRoom.get(name) : undefined;
    const shown = file ?? (name.includes('.') ? undefined : ofRoom.get('index.html'));
    if (shown === undefined) sendProblem(exchange, problem('not_found'));
    else if (shown === file && name !== 'index.html') sendFile(exchange, shown, headers.get(room) ?? {});
    else sendFile(exchange, shown, { ...headers.get(room), Link: preconnect(options) });
    return true;
  };
}

function sendFile(exchange: Exchange, file: PageFile, headers: Readonly<Record<string, string>>): void {
  const accepted = exchange.request.headers['accept-encoding'] ?? '';
  const gzip = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(accepted) ? file.gzip : undefined;
  sendReply(exchange, {
    status: 200,
    headers: {
      ...headers,
      // Each encoding has its own bytes, so its own tag.
      ETag: gzip === undefined ? file.etag : file.etag.replace(/"$/, '-gzip"'),
      'Cache-Control': file.cacheControl,
      'Content-Type': file.contentType,
      ...(file.gzip === undefined ? {} : { Vary: 'Accept-Encoding' }),
      ...(gzip === undefined ? {} : { 'Content-Encoding': 'gzip' }),
    },
    body: gzip ?? file.bytes,
  });
}
