/** A product of the demo shop as its kind's list describes it. New ones go to the end: ids follow the place. */
export interface Goods<DrawingName extends string = string> {
  readonly name: string;
  readonly description: string;
  readonly priceKrw: number;
  /** Opening stock. */
  readonly stock: number;
  /** Units a customer; no limit where it is not given. */
  readonly purchaseLimit?: number;
  readonly drawing: DrawingName;
}
