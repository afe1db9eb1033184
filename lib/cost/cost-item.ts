import type { PriceName, Quote } from './price-list.ts';

/** A resource as it stands in a template. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly stack: string;
  readonly Type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a template is any JSON
  readonly Properties: Readonly<Record<string, any>>;
}

export interface MonthlyUse {
  readonly orders: number;
  /** Requests to the API, pages of the catalogue included, for each order. */
  readonly requestsPerOrder: number;
  /** Of these requests: what is no read, and so always has a line in the app's log. */
  readonly writesPerOrder: number;
  readonly bytesPerReply: number;
  readonly imagesGb: number;
  readonly imageBytesPerOrder: number;
  /** Hours in which burstable instances run at the level at which the fleet grows, above what they earn. */
  readonly busyHours: number;
}

/** One line of a bill before it is multiplied out. */
export interface CostItem {
  readonly item: string;
  readonly specification: string;
  /** Due without a single visitor, or with use. */
  readonly part: 'fixed' | 'usage';
  readonly price: PriceName;
  /** In the unit of the price. */
  readonly quantity: number;
}

export interface CostLine extends CostItem {
  readonly quote: Quote;
  readonly usd: number;
}

/** A month as AWS counts it. */
export const HOURS = 730;
