import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { api, type RowlockProblem } from '../../shared/api.ts';
import { count, dateTime, krw, timeOfDay } from '../../shared/format.ts';
import { ConflictNotice, conflictWords } from '../parts/conflict-notice.tsx';
import { DeedError } from '../parts/deed-error.tsx';
import { SaveRow } from '../parts/save-row.tsx';
import { say } from '../parts/say.tsx';
import { useEditing } from '../parts/use-editing.ts';
import { may } from '../session/session-state.ts';
import { type AdminProduct, type ProductFields, readProduct, versionOf } from './product.ts';
import { ProductFieldInputs } from './product-fields.tsx';
import { productWords } from './words.ts';

/** Edits a product. If another operator saved first, the page shows the difference. */
export function ProductForm({ product, onSaved }: { product: AdminProduct; onSaved: () => void }) {
  const words = productWords.value;
  const [by, setBy] = useState<string | undefined>(undefined);
  const path = { productId: product.id };
  const editing = useEditing<ProductFields>({
    current: versionOf(product),
    save: async (body, ifMatch) => versionOf(await api.call('replaceProduct', { path, body, ifMatch })),
    readAgain: async () => {
      const [newest, who] = await Promise.all([readProduct(product.id), lastEditor(product.id)]);
      setBy(who);
      return versionOf(newest);
    },
    onSaved: () => {
      say('ok', words.saved);
      onSaved();
    },
  });
  const { draft } = editing;
  return (
    <>
      <ConflictNotice editing={editing} labels={labels()} show={show} by={by} />
      <form
        class="card pad"
        onSubmit={(event) => {
          event.preventDefault();
          void editing.save();
        }}
      >
        <div class="cap">
          <h2 class="h3">{words.edit}</h2>
          <span class="tiny quiet num">{words.version(product.version)}</span>
        </div>
        <ProductFieldInputs fields={draft} set={editing.set} isReadOnly={!may('operator')} />
        <label class="field">
          {words.status}
          <select
            name="status"
            disabled={!may('operator')}
            value={draft.status}
            onChange={({ currentTarget: { value } }) =>
              editing.set('status', value as ProductFields['status'])
            }
          >
            {(['ACTIVE', 'INACTIVE'] as const).map((status) => (
              <option key={status} value={status}>
                {words.statuses[status]}
              </option>
            ))}
          </select>
        </label>
        <DeedError error={editing.error} text={problemText} />
        {may('operator') && <SaveRow editing={editing} />}
      </form>
    </>
  );
}

function labels(): Record<keyof ProductFields, string> {
  const { name, description, price, status, limit, saleFrom, saleUntil } = productWords.value;
  return { name, description, price, status, purchaseLimit: limit, saleFrom, saleUntil };
}

function show(name: string, value: unknown): ComponentChildren {
  const words = productWords.value;
  switch (name) {
    case 'price':
      return krw(value as ProductFields['price']);
    case 'status':
      return words.statuses[value as ProductFields['status']];
    case 'purchaseLimit':
      return value === null ? words.limitNone : count(value as number);
    case 'saleFrom':
    case 'saleUntil':
      return value === null ? words.always : dateTime(value as string);
    default:
      return value as string;
  }
}

function problemText({ code }: RowlockProblem): string | undefined {
  return code === 'sale_window_empty' ? productWords.value.windowEmpty : undefined;
}

/** Who saved last, as far as the trail can be read. */
async function lastEditor(productId: string): Promise<string | undefined> {
  try {
    const query = { targetId: productId, action: 'product_edited', limit: 1 } as const;
    const [last] = (await api.call('listAdminActions', { query })).data;
    const words = conflictWords.value;
    return last && words.by(last.admin?.email ?? words.commandLine, timeOfDay(last.at));
  } catch {
    return undefined;
  }
}
