import type { CallOptions } from '../../client/rowlock-client.ts';

type Query = NonNullable<CallOptions<'listAllOrders'>['query']>;

export const searchKinds = ['email', 'orderId', 'key', 'productId'] as const;
export type SearchKind = (typeof searchKinds)[number];

/** What the address of the list asks for. */
export interface OrderFilters {
  readonly by: SearchKind;
  readonly value: string;
  readonly status: '' | NonNullable<Query['status']>;
  readonly day: string;
}

export function readFilters(query: Readonly<Record<string, string>>): OrderFilters {
  const by = searchKinds.find((kind) => query[kind] !== undefined) ?? 'email';
  const status = query['status'];
  return {
    by,
    value: query[by] ?? '',
    status: status === 'COMPLETED' || status === 'CANCELLED' ? status : '',
    day: query['day'] ?? '',
  };
}

export function queryOf({ by, value, status, day }: OrderFilters): Query {
  return {
    ...(value !== '' && { [by]: value }),
    ...(status !== '' && { status }),
    ...(day !== '' && { day }),
  };
}

/** `?email=…&status=…`, empty without filters. */
export function searchOf(filters: OrderFilters): string {
  const search = new URLSearchParams(queryOf(filters) as Record<string, string>).toString();
  return search === '' ? '' : `?${search}`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What a pasted text most likely is: numbers of the shop are UUIDs of version 7, keys of browsers of 4. */
export function kindOf(text: string, chosen: SearchKind): SearchKind {
  if (text.includes('@')) return 'email';
  const version = UUID.exec(text)?.[1];
  if (version === '7') return chosen === 'productId' || chosen === 'key' ? chosen : 'orderId';
  return version === undefined ? chosen : 'key';
}
