import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { api } from '../../shared/api.ts';
import { frameWords } from '../frame/words.ts';
import { DeedError } from '../parts/deed-error.tsx';
import { Page } from '../parts/page.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { paths } from '../paths.ts';
import type { ProductFields } from './product.ts';
import { ProductFieldInputs } from './product-fields.tsx';
import { productWords } from './words.ts';

const STOCK_MAX = 1_000_000_000;

interface NewProduct extends Omit<ProductFields, 'status'> {
  readonly stock: number;
}

const nothing: NewProduct = {
  name: '',
  description: '',
  price: 0,
  purchaseLimit: null,
  saleFrom: null,
  saleUntil: null,
  stock: 0,
};

export function NewProductPage() {
  const words = productWords.value;
  const { route } = useLocation();
  const [body, setBody] = useState<NewProduct>(nothing);
  const creation = useDeed(JSON.stringify(body), (key) => api.call('createProduct', { body, key }));
  const submit = async (): Promise<void> => {
    const created = await creation.run();
    if (created !== undefined) route(paths.product(created.id));
  };
  return (
    <Page title={words.create} above={{ href: paths.products, text: words.title }}>
      <form
        class="card pad narrow"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <ProductFieldInputs
          fields={body}
          set={(name, value) => setBody((before) => ({ ...before, [name]: value }))}
        />
        <label class="field">
          {words.openingStock}
          <input
            class="num"
            name="stock"
            type="number"
            required
            min={0}
            max={STOCK_MAX}
            value={body.stock}
            onInput={({ currentTarget: { valueAsNumber: stock } }) =>
              setBody((before) => ({ ...before, stock }))
            }
          />
        </label>
        <DeedError error={creation.error} />
        <div class="row">
          <button type="submit" aria-disabled={creation.isBusy}>
            {creation.isBusy ? frameWords.value.saving : words.doCreate}
          </button>
          <a class="button plain" href={paths.products}>
            {frameWords.value.cancel}
          </a>
        </div>
      </form>
    </Page>
  );
}
