import { openHttpConnection } from './http-connection.ts';

const CONNECTIONS = 32;
const EMPTY_ORDER = '{"items":[]}';

/**
 * Sends one request per buyer to every server: an order without lines, which the server rejects with 400
 * after the lookup of session and user. Servers cache users for 30 s; without this, a measurement of some
 * seconds would measure filling that cache, and a slow server would never fill it.
 */
export async function introduceBuyers(urls: readonly string[], tokens: readonly string[]): Promise<void> {
  await Promise.all(urls.map((url) => introduceTo(new URL(url), tokens)));
}

async function introduceTo({ host, hostname, port }: URL, tokens: readonly string[]): Promise<void> {
  let next = 0;
  const serveOne = async (): Promise<void> => {
    let finish: (error?: Error) => void = () => undefined;
    const finished = new Promise<void>((resolve, reject) => {
      finish = (error) => (error === undefined ? resolve() : reject(error));
    });
    const connection = await openHttpConnection({
      host: hostname,
      port: Number(port),
      onAnswer: (status, bytes) => {
        if (status === 400) send();
        else finish(new Error(`an empty order was answered with ${bytes.toString('latin1').slice(0, 500)}`));
      },
      onEnd: (reason) => finish(new Error(reason)),
    });
    const send = (): void => {
      const token = tokens[next];
      next += 1;
      if (token === undefined) finish();
      else connection.send(emptyOrder(host, token));
    };
    send();
    await finished.finally(() => connection.close());
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, serveOne));
}

function emptyOrder(host: string, token: string): string {
  return [
    'POST /orders HTTP/1.1',
    `Host: ${host}`,
    `Authorization: Bearer ${token}`,
    'Idempotency-Key: introduction',
    'Content-Type: application/json',
    `Content-Length: ${EMPTY_ORDER.length}`,
    '',
    EMPTY_ORDER,
  ].join('\r\n');
}
