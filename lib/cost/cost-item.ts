import type { PriceName, Quote } from './price-list.ts';

/** A resource of a template. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly stack: string;
  readonly Type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a template is any JSON
  readonly Properties: Readonly<Record<string, any>>;
}

export interface MonthlyUse {
  readonly orders: number;
  /** API requests per order, including catalogue pages. */
  readonly requestsPerOrder: number;
  /** Number of these requests that are no reads; the app logs all of them. */
  readonly writesPerOrder: number;
  readonly bytesPerReply: number;
  readonly imagesGb: number;
  readonly imageBytesPerOrder: number;
  /** Hours in which burstable instances run at the scaling target, above the load that earns credits. */
  readonly busyHours: number;
  /** Order events that one message of the queue carries on average. */
  readonly ordersPerMessage: number;
}

/** One line of a bill before prices are applied. */
export interface CostItem {
  readonly item: string;
  readonly specification: string;
  /** `fixed` is due without a single visitor, `usage` grows with visitors and orders. */
  readonly part: 'fixed' | 'usage';
  readonly price: PriceName;
  /** Number of units of the price. */
  readonly quantity: number;
}

export interface CostLine extends CostItem {
  readonly quote: Quote;
  readonly usd: number;
}

/** Hours per month, as AWS counts them. */
export const HOURS = 730;
