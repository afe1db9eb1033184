import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface InFlightResponses {
  /** Listener for 'request' and 'checkExpectation', before the handler. */
  readonly track: (request: IncomingMessage, response: ServerResponse) => void;
  /** The last response on a connection whose request has arrived completely. */
  lastComplete(socket: Socket): ServerResponse | undefined;
  /** Makes each connection close after its last response. */
  beginDrain(): void;
  /**
   * Closes connections without any request yet, as browsers open in advance: Node does not count them as
   * idle.
   */
  closeUnused(): void;
}

/** Tracks the responses that a server has not sent yet. */
export function createInFlightResponses(server: Server): InFlightResponses {
  // Per connection, in order. A shared Set retained finished responses: V8 keeps replacing the table of a Set
  // that grows and shrinks, each old table references the next, and once one reaches the old generation all
  // their entries survive until the next full collection.
  const bySocket = new Map<Socket, ServerResponse[]>();
  let isDraining = false;
  server.on('connection', (socket) => {
    bySocket.set(socket, []);
    socket.once('close', () => bySocket.delete(socket));
  });
  const mayStayOpen = ({ shouldKeepAlive, headersSent, req }: ServerResponse): boolean =>
    shouldKeepAlive && !headersSent && req.headers.upgrade === undefined;

  return {
    track: ({ headers, socket }, response) => {
      const inFlight = bySocket.get(socket) ?? [];
      if (isDraining) {
        // An earlier response that closes the connection would cut off this one.
        for (const earlier of inFlight.filter(mayStayOpen)) earlier.setHeader('Connection', 'keep-alive');
      }
      inFlight.push(response);
      response.once('close', () => inFlight.splice(inFlight.indexOf(response), 1));
      // Node 24 drops bytes that follow an Upgrade in the same packet. The next response would look like that
      // of the lost request.
      if (isDraining || headers.upgrade !== undefined) response.setHeader('Connection', 'close');
    },

    lastComplete: (socket) => bySocket.get(socket)?.findLast(({ req }) => req.complete),

    beginDrain: () => {
      isDraining = true;
      // A kept-alive connection would delay the end until its client closes it. With several requests on one,
      // the last response closes it: an earlier one would cut off the later ones.
      for (const inFlight of bySocket.values()) {
        const last = inFlight.at(-1);
        if (last?.headersSent === false) last.setHeader('Connection', 'close');
      }
    },

    closeUnused: () => {
      for (const socket of bySocket.keys()) if (socket.bytesRead === 0) socket.destroy();
    },
  };
}
