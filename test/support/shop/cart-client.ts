import type { HttpClient, HttpReply } from './http-client.ts';

/** Requests to a cart and their answers, for `PUT` and `POST` of a cart and `GET /cart`. */
export interface CartClient {
  /** A guest's token, once there is one; a user's client has none. */
  readonly token: string | undefined;
  add(productId: string, quantity: number): Promise<HttpReply>;
  set(productId: string, quantity: number): Promise<HttpReply>;
  remove(productId: string): Promise<HttpReply>;
  clear(): Promise<HttpReply>;
  get(): Promise<HttpReply>;
  /** Quantity by product. Throws if the cart cannot be read. */
  quantities(): Promise<Record<string, number>>;
}

/** The cart of the client's session or, with the token or without any, of a guest. */
export function cartClient(client: HttpClient, guestToken?: string): CartClient {
  let token = guestToken;
  const send = async (method: string, path: string, body?: unknown): Promise<HttpReply> => {
    const headers: Record<string, string> = token === undefined ? {} : { 'Cart-Token': token };
    const reply = await client.request(method, path, { headers, ...(body === undefined ? {} : { body }) });
    token = reply.headers.get('cart-token') ?? token;
    return reply;
  };
  const cart: CartClient = {
    get token() {
      return token;
    },
    add: (productId, quantity) => send('POST', '/cart/items', { productId, quantity }),
    set: (productId, quantity) => send('PUT', `/cart/items/${productId}`, { quantity }),
    remove: (productId) => send('DELETE', `/cart/items/${productId}`),
    clear: () => send('DELETE', '/cart'),
    get: () => send('GET', '/cart'),
    quantities: async () => {
      const reply = await cart.get();
      if (reply.status !== 200) throw new Error(`no cart: ${reply.status} ${reply.text}`);
      const lines = reply.body.lines as { productId: string; quantity: number }[];
      return Object.fromEntries(lines.map(({ productId, quantity }) => [productId, quantity]));
    },
  };
  return cart;
}
