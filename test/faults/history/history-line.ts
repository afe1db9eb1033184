/**
 * One line of a history: requests of clients, their answers, faults, and what a reader saw meanwhile, in the
 * order in which the recorder received them.
 *
 * All times are milliseconds of CLOCK_MONOTONIC, with fractions (`Number(process.hrtime.bigint()) / 1e6`):
 * one clock for all processes of the machine, which no fault changes.
 */
export type HistoryLine = BeginLine | InvokeLine | AnswerLine | FaultLine | SampleLine | EndLine;

/** The shop before the first invocation. No operation of this history made its contents. */
export interface BeginLine {
  readonly type: 'begin';
  readonly seed: number;
  readonly atMs: number;
  /** The wall clock at `atMs`, in ms since 1970. */
  readonly wallMs: number;
  readonly shop: {
    readonly products: readonly {
      readonly productId: string;
      /** Terms of its first version. */
      readonly terms: ProductTerms;
      readonly quantity: number;
      /** The stock's version: changes up to this one are from before the history. */
      readonly stockSeq: number;
    }[];
    readonly users: readonly {
      readonly userId: string;
      readonly balanceKrw: number;
      /** The wallet's version: changes up to this one are from before the history. */
      readonly balanceSeq: number;
    }[];
    /** Coupons, all of them in their first version and active. */
    readonly coupons: readonly {
      readonly couponId: string;
      readonly name: string;
      readonly quantity: number;
      readonly issuedCount: number;
      readonly terms: CouponTerms;
    }[];
    /** Time after an order during which its customer may cancel it. */
    readonly cancelWindowMs: number;
  };
}

/** Fields that an admin can edit and that orders use. */
export interface ProductTerms {
  readonly name: string;
  readonly priceKrw: number;
  readonly status: 'ACTIVE' | 'INACTIVE';
  /** Maximum units per customer; null is no limit. */
  readonly purchaseLimit: number | null;
  /** Start of the sale, inclusive, as in requests and answers; null is no start. */
  readonly saleFrom: string | null;
  /** End of the sale, exclusive; null is no end. */
  readonly saleUntil: string | null;
}

/** An edit that leaves out a bound of the sale keeps it. */
export type EditedTerms = Omit<ProductTerms, 'saleFrom' | 'saleUntil'> &
  Partial<Pick<ProductTerms, 'saleFrom' | 'saleUntil'>>;

export interface CouponTerms {
  readonly kind: 'FIXED' | 'PERCENT';
  /** FIXED: KRW taken off. PERCENT: maximum KRW taken off. */
  readonly amountKrw: number;
  /** Null for FIXED. */
  readonly percent: number | null;
  readonly minimumOrderKrw: number;
  /** In ms since 1970; start is inclusive, end is exclusive. */
  readonly validFromMs: number;
  readonly validUntilMs: number;
}

/** Fields of a coupon that an admin can edit. */
export interface CouponFields {
  readonly name: string;
  readonly quantity: number;
  readonly status: 'ACTIVE' | 'STOPPED';
  readonly terms: CouponTerms;
}

/** A coupon as in requests and answers. */
export interface CouponBody {
  readonly name: string;
  readonly discount:
    | { readonly kind: 'FIXED'; readonly amount: number }
    | { readonly kind: 'PERCENT'; readonly percent: number; readonly max: number };
  readonly quantity: number;
  readonly minimumOrder: number;
  readonly validFrom: string;
  readonly validUntil: string;
}

/** Request fields of each kind of operation. */
export interface Requests {
  readonly order: {
    /** Absent for an order of the cart's contents. */
    readonly items?: readonly { readonly productId: string; readonly quantity: number }[];
    readonly fromCart?: true;
    readonly userCouponId?: string;
    readonly expectedTotal?: number;
  };
  readonly cancel: { readonly orderId: string };
  readonly charge: { readonly amount: number };
  readonly 'claim-coupon': { readonly couponId: string };
  readonly 'adjust-stock': { readonly productId: string; readonly delta: number; readonly reason: string };
  /** `GET /me/balance`. */
  readonly 'read-balance': Record<string, never>;
  /** `GET /orders?key=`: the outcome of an order that this user has requested under this key. */
  readonly 'find-order': { readonly orderKey: string };
  /** `PUT /admin/products/{id}` with `If-Match: "v<version>"`; null sends no If-Match. */
  readonly 'edit-product': { readonly productId: string; readonly version: number | null } & EditedTerms;
  /** `GET /admin/products/{id}`. */
  readonly 'read-product': { readonly productId: string };
  readonly 'create-product': {
    readonly name: string;
    readonly description: string;
    readonly price: number;
    readonly stock: number;
    readonly purchaseLimit: number | null;
    readonly saleFrom?: string | null;
    readonly saleUntil?: string | null;
  };
  readonly 'create-coupon': CouponBody;
  /** `PUT /admin/coupons/{id}` with `If-Match: "v<version>"`; null sends no If-Match. */
  readonly 'edit-coupon': {
    readonly couponId: string;
    readonly version: number | null;
    readonly status: CouponFields['status'];
  } & CouponBody;
  readonly 'stop-coupon': { readonly couponId: string };
  /** `GET /admin/coupons/{id}`. */
  readonly 'read-coupon': { readonly couponId: string };
  /** A cancellation by an admin, of any customer's order. */
  readonly 'admin-cancel': { readonly orderId: string; readonly reason: string };
  readonly 'set-cart-line': { readonly productId: string; readonly quantity: number };
  readonly 'add-cart-line': { readonly productId: string; readonly quantity: number };
  readonly 'remove-cart-line': { readonly productId: string };
  readonly 'clear-cart': Record<string, never>;
  readonly 'read-cart': Record<string, never>;
}

export type OperationKind = keyof Requests;

/**
 * One HTTP attempt. Attempts of one logical operation share kind, user and key. Kinds that send no
 * idempotency key use a text of their own as key.
 */
export type InvokeLine = {
  readonly [Kind in OperationKind]: {
    readonly type: 'invoke';
    /** Unique number of this attempt. */
    readonly op: number;
    readonly client: number;
    /** Number of the attempt, from 1. */
    readonly attempt: number;
    /** Time before the first byte was sent. */
    readonly atMs: number;
    readonly kind: Kind;
    readonly key: string;
    /** Hash of the body as sent; attempts of one key with different hashes are different requests. */
    readonly bodyHash: string;
    /** User whose session the request was sent with. */
    readonly user: string;
    readonly request: Requests[Kind];
    /** Sent without the Idempotency-Key that it needs. */
    readonly isKeyless?: true;
  };
}[OperationKind];

export type AnswerLine = OkLine | FailLine | UnknownLine;

/** Answered with 2xx: the operation is done and durable. */
export interface OkLine {
  readonly type: 'ok';
  readonly op: number;
  /** Time after the last byte of the answer was received. */
  readonly atMs: number;
  readonly status: number;
  /** The body, as JSON. */
  readonly response: unknown;
  /** True if the answer had `Idempotent-Replayed: true`. */
  readonly replayed: boolean;
  /** Version in the answer's ETag, if it has one. */
  readonly version?: number;
}

/**
 * This attempt has definitely had no effect: a 4xx, a `busy_retry` before the queue, or a refused connection.
 */
export interface FailLine {
  readonly type: 'fail';
  readonly op: number;
  readonly atMs: number;
  /** 0 without an answer. */
  readonly status: number;
  /** Code of the problem, or the reason why there was no answer. */
  readonly code: string;
  /** The problem, if there was one: a refusal says what it saw, and the checker checks that too. */
  readonly response?: unknown;
}

/**
 * An attempt that may have had an effect, or may still have one. An attempt without any answer counts as
 * unknown.
 */
export interface UnknownLine {
  readonly type: 'unknown';
  readonly op: number;
  readonly atMs: number;
  readonly why: string;
}

export interface FaultLine {
  readonly type: 'fault';
  readonly atMs: number;
  readonly name: string;
  readonly phase: 'begin' | 'end';
  readonly detail?: unknown;
}

/** One consistent snapshot of the database, taken at some moment between `fromMs` and `atMs`. */
export interface SampleLine extends Sample {
  readonly type: 'sample';
  readonly fromMs: number;
  readonly atMs: number;
  /** The wall clock at `atMs`, in ms since 1970; a machine may set its wall clock at any time. */
  readonly wallMs: number;
}

export interface Sample {
  readonly products: readonly {
    readonly productId: string;
    readonly quantity: number;
    readonly stockSeq: number;
    /** Number of the product's version, from 1; edits raise it. */
    readonly version: number;
    /** Sum of the deltas of its stock entries. */
    readonly entered: number;
    /** Sum of the units of its order lines. */
    readonly sold: number;
    /** Number of its entries and order lines. */
    readonly changes: number;
  }[];
  readonly wallets: readonly {
    readonly userId: string;
    readonly balanceKrw: number;
    readonly balanceSeq: number;
    /** Sum of the amounts of its ledger entries. */
    readonly enteredKrw: number;
    readonly changes: number;
  }[];
  readonly coupons: readonly {
    readonly couponId: string;
    readonly quantity: number;
    readonly issuedCount: number;
    /** Version of the coupon, from 1; edits and stops raise it. */
    readonly version: number;
    /** Rows of users' coupons, and how many of these are used. */
    readonly issued: number;
    readonly used: number;
    /** Orders that are not cancelled and name one of these coupons. */
    readonly inOrders: number;
  }[];
}

/** Every fault is over, every unknown key has been requested again, and the queues are empty. */
export interface EndLine {
  readonly type: 'end';
  readonly atMs: number;
}
