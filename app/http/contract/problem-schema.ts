import { type ProblemCode, problemTable } from './problem-table.ts';

type Json = Record<string, unknown>;

/** Members of some problems only, with the codes that have them. */
const members: Readonly<Record<string, { readonly of: readonly ProblemCode[]; readonly schema: Json }>> = {
  productId: {
    of: [
      'product_not_found',
      'out_of_stock',
      'sale_not_open',
      'purchase_limit_exceeded',
      'cart_quantity_limit',
    ],
    schema: { type: 'string', format: 'uuid' },
  },
  requested: { of: ['out_of_stock'], schema: { type: 'integer' } },
  available: { of: ['out_of_stock'], schema: { type: 'integer' } },
  limit: {
    of: ['purchase_limit_exceeded', 'cart_quantity_limit', 'cart_line_limit'],
    schema: { type: 'integer' },
  },
  held: { of: ['purchase_limit_exceeded'], schema: { type: 'integer' } },
  quantity: { of: ['cart_quantity_limit'], schema: { type: 'integer' } },
  reason: {
    of: [
      'coupon_not_usable',
      'coupon_not_editable',
      'image_rejected',
      'order_not_cancellable',
      'sale_not_open',
    ],
    schema: { type: ['string', 'null'] },
  },
  minimumOrder: { of: ['coupon_not_usable'], schema: { type: 'integer' } },
  userCouponId: { of: ['coupon_already_issued'], schema: { type: 'string', format: 'uuid' } },
  fields: { of: ['coupon_not_editable'], schema: { type: 'array', items: { type: 'string' } } },
  saleFrom: { of: ['sale_not_open'], schema: { type: 'string', format: 'date-time' } },
  saleUntil: { of: ['sale_not_open'], schema: { type: 'string', format: 'date-time' } },
  cancellableUntil: { of: ['order_not_cancellable'], schema: { type: 'string', format: 'date-time' } },
  issued: { of: ['coupon_not_editable'], schema: { type: 'integer' } },
  total: { of: ['price_changed', 'insufficient_balance'], schema: { type: 'integer' } },
  balance: { of: ['insufficient_balance'], schema: { type: 'integer' } },
  dependencies: {
    of: ['dependency_unavailable'],
    schema: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        required: ['status', 'durationMs'],
        properties: {
          status: { type: 'string', enum: ['up', 'down'] },
          durationMs: { type: 'number' },
        },
      },
    },
  },
};

/** JSON Schema of every error. */
export function problemSchema(): Json {
  const some = Object.entries(members).map(([name, { of, schema }]) => [
    name,
    { ...schema, description: `With ${of.map((code) => `\`${code}\``).join(', ')}.` },
  ]);
  return {
    type: 'object',
    description: 'RFC 9457. Optional members appear with some codes only.',
    required: ['type', 'title', 'status', 'instance', 'code', 'traceId'],
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      instance: { type: 'string' },
      code: { type: 'string', enum: Object.keys(problemTable) },
      traceId: { type: 'string' },
      errors: {
        type: 'array',
        description: 'With `validation_failed`: the invalid fields, at most twenty.',
        items: {
          type: 'object',
          required: ['pointer', 'detail'],
          properties: { pointer: { type: 'string' }, detail: { type: 'string' } },
        },
      },
      ...Object.fromEntries(some),
    },
  };
}
