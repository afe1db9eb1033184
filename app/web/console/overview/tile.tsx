import type { ComponentChildren } from 'preact';
import { paths } from '../paths.ts';
import type { RunbookHeading } from '../runbook/runbook-headings.ts';
import { overviewWords } from './words.ts';

export interface TileProps {
  readonly label: string;
  /** The view in which one sees more, or acts. */
  readonly href?: string;
  readonly heading: RunbookHeading;
  readonly tone?: 'ok' | 'warn' | undefined;
  readonly note?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A figure of the shop, the view behind it, and the runbook's heading about it. */
export function Tile({ label, href, heading, tone, note, children }: TileProps) {
  const words = overviewWords.value;
  return (
    <section class={`card tile ${tone ?? ''}`}>
      <div class="cap">
        <h2 class="label">{href === undefined ? label : <a href={href}>{label}</a>}</h2>
        <a class="tiny" href={paths.runbook(heading)} aria-label={words.runbookOf(heading)}>
          {words.runbook}
        </a>
      </div>
      {children}
      {note !== undefined && <span class="quiet tiny num">{note}</span>}
    </section>
  );
}

/** A figure that is not known: a dash and the reason, never a zero. */
export function Unknown({ reason }: { reason: string }) {
  return (
    <>
      <b class="figure">–</b>
      <span class="tiny">{reason}</span>
    </>
  );
}
