import { frameWords } from '../frame/words.ts';
import { MomentInput } from '../parts/moment-input.tsx';
import type { ProductFields } from './product.ts';
import { productWords } from './words.ts';

const PRICE_MAX_KRW = 1_000_000_000;
const LIMIT_MAX = 10_000;

export interface FieldsProps {
  readonly fields: Omit<ProductFields, 'status'>;
  readonly set: <Name extends keyof Omit<ProductFields, 'status'>>(
    name: Name,
    value: ProductFields[Name],
  ) => void;
  readonly isReadOnly?: boolean;
}

/** The fields that a new and an edited product have in common. */
export function ProductFieldInputs({ fields, set, isReadOnly = false }: FieldsProps) {
  const words = productWords.value;
  return (
    <>
      <label class="field">
        {words.name}
        <input
          name="name"
          required
          maxLength={200}
          readOnly={isReadOnly}
          value={fields.name}
          onInput={(event) => set('name', event.currentTarget.value)}
        />
      </label>
      <label class="field">
        {words.description}
        <textarea
          name="description"
          rows={6}
          maxLength={4000}
          readOnly={isReadOnly}
          value={fields.description}
          onInput={(event) => set('description', event.currentTarget.value)}
        />
      </label>
      <div class="pair">
        <label class="field">
          {words.price}
          <input
            class="num"
            name="price"
            type="number"
            required
            min={0}
            max={PRICE_MAX_KRW}
            readOnly={isReadOnly}
            value={fields.price}
            onInput={(event) => set('price', event.currentTarget.valueAsNumber)}
          />
        </label>
        <label class="field">
          {words.limit}
          <input
            class="num"
            name="purchaseLimit"
            type="number"
            min={1}
            max={LIMIT_MAX}
            placeholder={frameWords.value.none}
            readOnly={isReadOnly}
            value={fields.purchaseLimit ?? ''}
            onInput={({ currentTarget: { value } }) =>
              set('purchaseLimit', value === '' ? null : Number(value))
            }
          />
          <span class="tiny quiet">{words.limitHint}</span>
        </label>
      </div>
      <div class="pair">
        <MomentInput
          label={words.saleFrom}
          name="saleFrom"
          isReadOnly={isReadOnly}
          value={fields.saleFrom}
          set={(value) => set('saleFrom', value)}
        />
        <MomentInput
          label={words.saleUntil}
          name="saleUntil"
          isReadOnly={isReadOnly}
          value={fields.saleUntil}
          set={(value) => set('saleUntil', value)}
        />
      </div>
      <span class="tiny quiet">
        {words.saleHint} {frameWords.value.localTime(Intl.DateTimeFormat().resolvedOptions().timeZone)}
      </span>
    </>
  );
}
