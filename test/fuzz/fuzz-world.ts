import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { ApiOperation } from '../support/http/api-document.ts';
import type { ReplyContract } from '../support/http/reply-contract.ts';

/**
 * What requests are made of and judged by. Ids and tokens differ from run to run, everything else is of the
 * document.
 */
export interface FuzzWorld {
  readonly contract: ReplyContract;
  /** By name, such as `GET /orders/{orderId}`. */
  readonly operations: ReadonlyMap<string, ApiOperation>;
  /** Of each body that an operation takes. */
  readonly bodyChecks: ReadonlyMap<string, ValidateFunction>;
  /** Of things that exist, by the name that they have in paths. */
  readonly ids: Readonly<Record<string, string>>;
  /** The admin has a balance, the customer has none. */
  readonly tokens: { readonly admin: string; readonly customer: string };
}
