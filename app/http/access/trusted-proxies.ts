import type { IncomingMessage } from 'node:http';
import proxyAddress from 'proxy-addr';

/** Interprets the X-Forwarded-* headers. */
export interface TrustedProxies {
  /** The client's address: the rightmost one that is not a trusted proxy's. */
  addressOf(request: IncomingMessage): string | undefined;
  /** The origin that a browser sends for the shop's own pages. */
  originOf(request: IncomingMessage): string;
}

/**
 * `trusted` is the number of proxies in front, or their addresses and subnets. Throws for an invalid address.
 */
export function trustedProxies(trusted: number | readonly string[]): TrustedProxies {
  const isTrusted =
    typeof trusted === 'number'
      ? (_address: string, hop: number) => hop < trusted
      : proxyAddress.compile([...trusted]);
  const forwarded = ({ headers, socket }: IncomingMessage, name: string): string | undefined =>
    isTrusted(socket.remoteAddress ?? '', 0) ? headers[name]?.toString().split(',', 1)[0]?.trim() : undefined;
  return {
    addressOf: (request) =>
      // A closed connection has no address.
      request.socket.remoteAddress === undefined ? undefined : proxyAddress(request, isTrusted),
    originOf: (request) => {
      const protocol = forwarded(request, 'x-forwarded-proto') ?? 'http';
      return `${protocol}://${forwarded(request, 'x-forwarded-host') ?? request.headers.host}`;
    },
  };
}
