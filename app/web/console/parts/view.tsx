import type { ComponentChildren } from 'preact';
import { StaleNotice, TroubleNotice } from '../../shared/trouble-notice.tsx';
import type { Loaded } from '../../shared/use-load.ts';
import { sharedWords } from '../../shared/words.ts';

/** Shows loaded data, even while newer data cannot be loaded; else why there is none; else its skeleton. */
export function View<T>(props: {
  loaded: Loaded<T>;
  skeleton: ComponentChildren;
  children: (data: T) => ComponentChildren;
}) {
  const { loaded, skeleton, children } = props;
  if (loaded.data !== undefined)
    return (
      <>
        <StaleNotice loaded={loaded} />
        {children(loaded.data)}
      </>
    );
  if (loaded.error !== undefined) return <TroubleNotice error={loaded.error} retry={loaded.reload} />;
  return (
    <div aria-busy="true" class="waiting">
      <span class="visually-hidden">{sharedWords.value.loading}</span>
      {skeleton}
    </div>
  );
}

/** A place of a fixed height, with the sizes of a sheet: `line`, `figure`, `block`, `picture`. */
export function Skeleton({ shape = 'line' }: { shape?: 'line' | 'figure' | 'block' | 'picture' }) {
  return <div class={`skeleton ${shape}`} aria-hidden="true" />;
}

/** Cards of blocks, for a view of which only the outline is known. */
export function SkeletonCards({ count = 2 }: { count?: number }) {
  return (
    <div class="columns">
      {Array.from({ length: count }, (_, index) => (
        <div class="card pad" key={index}>
          <Skeleton />
          <Skeleton shape="block" />
        </div>
      ))}
    </div>
  );
}
