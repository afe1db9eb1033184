import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { api } from '../../shared/api.ts';
import { count, krw, timeOfDay } from '../../shared/format.ts';
import { ConflictNotice, conflictWords } from '../parts/conflict-notice.tsx';
import { DeedError } from '../parts/deed-error.tsx';
import { SaveRow } from '../parts/save-row.tsx';
import { say } from '../parts/say.tsx';
import { useEditing } from '../parts/use-editing.ts';
import { may } from '../session/session-state.ts';
import { type AdminProduct, type ProductFields, readProduct, versionOf } from './product.ts';
import { ProductFieldInputs } from './product-fields.tsx';
import { productWords } from './words.ts';

/** Edits a product. An edit that somebody else has overtaken is shown as a difference. */
export function ProductForm({ product, onSaved }: { product: AdminProduct; onSaved: () => void }) {
  const words = productWords.value;
  const [by, setBy] = useState<string | undefined>(undefined);
  const path = { productId: product.id };
  const editing = useEditing<ProductFields>({
    current: versionOf(product),
    save: async ({ name, description, price, status, purchaseLimit }, ifMatch) => {
      const body = { name, description, price, status, purchaseLimit };
      return versionOf(await api.call('replaceProduct', { path, body, ifMatch }));
    },
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
        <DeedError error={editing.error} />
        {may('operator') && <SaveRow editing={editing} />}
      </form>
    </>
  );
}

function labels(): Record<'name' | 'description' | 'price' | 'status' | 'purchaseLimit', string> {
  const { name, description, price, status, limit } = productWords.value;
  return { name, description, price, status, purchaseLimit: limit };
}

function show(name: string, value: unknown): ComponentChildren {
  const words = productWords.value;
  if (name === 'price') return krw(Number(value));
  if (name === 'status') return words.statuses[value as ProductFields['status']];
  if (name === 'purchaseLimit') return value === null ? words.limitNone : count(Number(value));
  return String(value);
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
