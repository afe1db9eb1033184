import type { Answer } from '../../client/rowlock-client.ts';

export type Customer = Answer<'listCustomers'>['data'][number];
export type CustomerFile = Answer<'readCustomer'>;
export type LedgerEntry = CustomerFile['ledger']['data'][number];
export type EntryKind = LedgerEntry['kind'];
