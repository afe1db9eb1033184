import type { ComponentChildren } from 'preact';
import { timeOfDay } from '../../shared/format.ts';
import { frameWords } from '../frame/words.ts';
import { useTitle } from '../frame/use-title.ts';

export interface PageProps {
  readonly title: string;
  /** Where the page lies: the list that leads to it. */
  readonly above?: { readonly href: string; readonly text: string };
  /** Pills that say the state of what is shown. */
  readonly state?: ComponentChildren;
  /** When the shown data was received; undefined while there is none. */
  readonly at?: number | undefined;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Page({ title, above, state, at, actions, children }: PageProps) {
  useTitle(title);
  return (
    <>
      <header class="page-head">
        <div class="page-title">
          {above !== undefined && (
            <a class="tiny quiet above" href={above.href}>
              {above.text}
            </a>
          )}
          <h1>{title}</h1>
        </div>
        {state}
        <span class="end row">
          <AsOf at={at} />
          {actions}
        </span>
      </header>
      {children}
    </>
  );
}

/** Of when a figure is. */
export function AsOf({ at }: { at: number | string | undefined }) {
  if (at === undefined) return null;
  return <span class="quiet tiny num">{frameWords.value.asOf(timeOfDay(at))}</span>;
}
