/**
 * Every error code that a client can meet, with its status. Codes are stable: clients program against them,
 * so one is added here and never renamed. `docs` and the OpenAPI document are made from this table.
 */
export const problemTable = {
  validation_failed: { status: 400, title: 'The request is not valid.' },
  idempotency_key_missing: { status: 400, title: 'The Idempotency-Key header is required.' },
  unauthenticated: { status: 401, title: 'A valid session is required.' },
  invalid_credentials: { status: 401, title: 'E-mail address or password is wrong.' },
  forbidden: { status: 403, title: 'The caller may not do this.' },
  origin_not_allowed: { status: 403, title: 'A cookie session does not work from this origin.' },
  not_found: { status: 404, title: 'There is nothing at this address.' },
  product_not_found: { status: 404, title: 'There is no such product on sale.' },
  order_not_found: { status: 404, title: 'There is no such order.' },
  coupon_not_found: { status: 404, title: 'There is no such coupon.' },
  image_not_found: { status: 404, title: 'There is no such image.' },
  method_not_allowed: { status: 405, title: 'The address does not take this method.' },
  request_timeout: { status: 408, title: 'The request did not arrive in time.' },
  email_taken: { status: 409, title: 'An account with this e-mail address exists.' },
  out_of_stock: { status: 409, title: 'There is not enough stock.' },
  purchase_limit_exceeded: { status: 409, title: 'The limit of units a customer is reached.' },
  coupon_sold_out: { status: 409, title: 'All of these coupons have been issued.' },
  coupon_already_issued: { status: 409, title: 'The customer has one of these coupons.' },
  coupon_not_usable: { status: 409, title: 'The coupon does not count for this; `reason` says why.' },
  price_changed: { status: 409, title: 'The total is not the expected one.' },
  insufficient_balance: { status: 409, title: 'The balance does not cover the total.' },
  order_not_cancellable: { status: 409, title: 'The order has been cancelled already.' },
  upload_incomplete: { status: 409, title: 'The announced file has not been uploaded.' },
  image_rejected: { status: 409, title: 'The uploaded file was refused; `reason` says why.' },
  payload_too_large: { status: 413, title: 'The request body is too large.' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json in UTF-8.' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key was used with another request.' },
  request_header_fields_too_large: { status: 431, title: 'The request header is too large.' },
  internal_error: { status: 500, title: 'Something went wrong on our side.' },
  busy_retry: { status: 503, title: 'Busy. Send the same request with the same idempotency key again.' },
  dependency_unavailable: { status: 503, title: 'A service behind this one does not answer.' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problemTable;
