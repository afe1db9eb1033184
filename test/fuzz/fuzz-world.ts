import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { ApiOperation } from '../support/http/api-document.ts';
import type { ReplyContract } from '../support/http/reply-contract.ts';

/**
 * Values that requests are built from and checked against. Ids and tokens differ between runs; everything
 * else comes from the document.
 */
export interface FuzzWorld {
  readonly contract: ReplyContract;
  /** Operations by name, such as `GET /orders/{orderId}`. */
  readonly operations: ReadonlyMap<string, ApiOperation>;
  /** A validator for each body schema, by operation. */
  readonly bodyChecks: ReadonlyMap<string, ValidateFunction>;
  /** Ids of existing objects, by the name of their path parameter. */
  readonly ids: Readonly<Record<string, string>>;
  /** Session tokens. The admin has a balance, the customer has none. */
  readonly tokens: { readonly admin: string; readonly customer: string };
}
