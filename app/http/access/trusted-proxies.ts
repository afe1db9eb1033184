import type { IncomingMessage } from 'node:http';
import proxyAddress from 'proxy-addr';

/** How much of the X-Forwarded-* headers counts. */
export interface TrustedProxies {
  /** The client's address: the first one from the right that no trusted proxy has. */
  addressOf(request: IncomingMessage): string | undefined;
  /** What a browser shows as the shop's own origin. */
  originOf(request: IncomingMessage): string;
}

/** `trusted` is the number of proxies in front of the app, or their addresses and subnets. Throws for one that is neither. */
export function trustedProxies(trusted: number | readonly string[]): TrustedProxies {
  const isTrusted =
    typeof trusted === 'number'
      ? (_address: string, hop: number) => hop < trusted
      : proxyAddress.compile([...trusted]);
  const forwarded = ({ headers, socket }: IncomingMessage, name: string): string | undefined =>
    isTrusted(socket.remoteAddress ?? '', 0) ? headers[name]?.toString().split(',', 1)[0]?.trim() : undefined;
  return {
    addressOf: (request) =>
      // Of a connection that has ended there is none.
      request.socket.remoteAddress === undefined ? undefined : proxyAddress(request, isTrusted),
    originOf: (request) => {
      const protocol = forwarded(request, 'x-forwarded-proto') ?? 'http';
      return `${protocol}://${forwarded(request, 'x-forwarded-host') ?? request.headers.host}`;
    },
  };
}
