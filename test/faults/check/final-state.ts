import type { CouponFields, ProductTerms } from '../history/history-line.ts';

/** Contents of the database after all activity has ended, read in one snapshot. */
export interface FinalState {
  readonly orders: readonly StoredOrder[];
  readonly orderItems: readonly StoredItem[];
  readonly products: readonly ({ readonly productId: string; readonly version: number } & ProductTerms)[];
  readonly stocks: readonly {
    readonly productId: string;
    readonly quantity: number;
    readonly stockSeq: number;
  }[];
  readonly stockEntries: readonly StoredStockEntry[];
  readonly wallets: readonly {
    readonly userId: string;
    readonly balanceKrw: number;
    readonly balanceSeq: number;
  }[];
  readonly walletEntries: readonly StoredWalletEntry[];
  readonly coupons: readonly StoredCoupon[];
  readonly userCoupons: readonly StoredUserCoupon[];
  /** Ids of events that wait for the queue. */
  readonly outbox: readonly string[];
  /** Ids of events that have been counted. */
  readonly inbox: readonly string[];
  readonly statistics: readonly {
    /** Start of the hour, in ms since 1970. */
    readonly hourMs: number;
    readonly productId: string;
    readonly units: number;
    readonly revenueKrw: number;
  }[];
  /** Where Kafka carries the events: what its topics hold. Absent on SQS, which forgets what was consumed. */
  readonly topic?: {
    /** In the order of each partition. */
    readonly records: readonly {
      readonly key: string;
      readonly eventId: string;
      readonly partition: number;
    }[];
    /** Events that were sent although they cannot be counted. */
    readonly poisons: readonly string[];
    readonly deadLetters: readonly string[];
  };
  /**
   * Deadlocks that the server has broken since its start; null when the server does not report the number.
   */
  readonly deadlocks: number | null;
  /** Stored replies to keyed requests of admins. */
  readonly replies: readonly {
    readonly userId: string;
    /** Method and path, such as `POST /admin/coupons`. */
    readonly operation: string;
    readonly key: string;
    /** Id of the product or coupon that the reply names. */
    readonly createdId: string;
  }[];
}

export interface StoredCoupon extends CouponFields {
  readonly couponId: string;
  readonly issuedCount: number;
  readonly version: number;
}

export interface StoredOrder {
  readonly orderId: string;
  readonly userId: string;
  readonly key: string;
  readonly status: 'COMPLETED' | 'CANCELLED';
  readonly subtotalKrw: number;
  readonly discountKrw: number;
  readonly totalKrw: number;
  readonly userCouponId: string | null;
  readonly balanceSeq: number;
  readonly balanceAfterKrw: number;
  /** In ms since 1970, by the clock of the process that placed it. */
  readonly createdAtMs: number;
  /** Time of its cancellation, by the same clock; null if it was not cancelled. */
  readonly cancelledAtMs: number | null;
}

export interface StoredItem {
  readonly orderId: string;
  readonly line: number;
  readonly productId: string;
  /** The product's name as sold. */
  readonly name: string;
  readonly unitPriceKrw: number;
  readonly quantity: number;
  readonly stockAfter: number;
  readonly stockSeq: number;
}

export interface StoredStockEntry {
  readonly productId: string;
  readonly seq: number;
  readonly kind: 'OPENING' | 'ADJUSTMENT' | 'RESTOCK';
  readonly delta: number;
  readonly quantityAfter: number;
  readonly reason: string;
  readonly orderId: string | null;
  readonly key: string | null;
}

export interface StoredWalletEntry {
  readonly userId: string;
  readonly seq: number;
  readonly kind: 'CHARGE' | 'PAYMENT' | 'REFUND';
  readonly amountKrw: number;
  readonly balanceAfterKrw: number;
  readonly orderId: string | null;
  readonly key: string | null;
}

export interface StoredUserCoupon {
  readonly userCouponId: string;
  readonly couponId: string;
  readonly userId: string;
  readonly status: 'ISSUED' | 'USED';
  readonly orderId: string | null;
  /** In ms since 1970, by the clock that decided the claim. */
  readonly issuedAtMs: number;
}
