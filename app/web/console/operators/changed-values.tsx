import type { AdminAction } from './action.ts';
import { operatorWords } from './words.ts';

/** The values that an action changed, before and after. */
export function ChangedValues({ action: { before, after } }: { action: AdminAction }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  if (names.length === 0) return null;
  const fields: Readonly<Record<string, string>> = operatorWords.value.fields;
  return (
    <dl class="changes">
      {names.map((name) => (
        <div key={name}>
          <dt>{fields[name] ?? name}</dt>
          <dd>
            {before !== null && name in before && <s>{shown(before[name])}</s>}
            {before !== null && after !== null && name in before && name in after && ' → '}
            {after !== null && name in after && <b>{shown(after[name])}</b>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const LENGTH_MAX = 120;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)} …` : text;
}
