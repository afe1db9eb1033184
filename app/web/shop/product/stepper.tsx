import { words } from '../words/shop-words.ts';

export interface StepperProps {
  readonly value: number;
  readonly max: number;
  readonly min?: number;
  /** Names the product where several steppers stand on a page. */
  readonly label?: string;
  readonly isBusy?: boolean;
  readonly onChange: (value: number) => void;
}

/** One fewer, one more. */
export function Stepper({ value, max, min = 1, label, isBusy = false, onChange }: StepperProps) {
  const { product } = words.value;
  const named = (text: string) => (label === undefined ? text : `${text}: ${label}`);
  return (
    <span class="step" role="group" aria-label={named(product.quantity)}>
      <button
        type="button"
        aria-label={named(product.fewer)}
        disabled={value <= min}
        aria-disabled={isBusy}
        onClick={() => !isBusy && onChange(value - 1)}
      >
        −
      </button>
      <output class="num">{value}</output>
      <button
        type="button"
        aria-label={named(product.moreUnits)}
        disabled={value >= max}
        aria-disabled={isBusy}
        onClick={() => !isBusy && onChange(value + 1)}
      >
        +
      </button>
    </span>
  );
}
