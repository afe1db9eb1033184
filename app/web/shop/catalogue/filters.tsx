import { useLocation } from 'preact-iso/router';
import { krw } from '../../shared/format.ts';
import { paths } from '../paths.ts';
import { words } from '../words/shop-words.ts';
import { type ListingQuery, listingSearch, priceRanges, type Sort, sorts } from './listing-query.ts';

/** Filters and order as part of the address, so that back, reload and a shared link keep them. */
export function Filters({ asked }: { asked: ListingQuery }) {
  const { list } = words.value;
  const { route } = useLocation();
  const address = (change: Partial<ListingQuery>) => `${paths.list}${listingSearch({ ...asked, ...change })}`;
  const ranges = [{ min: undefined, max: undefined }, ...priceRanges];
  return (
    <div class="filters">
      <nav class="chips" aria-label={list.prices}>
        {ranges.map(({ min, max }) => (
          <a
            key={`${min}-${max}`}
            href={address({ minPrice: min, maxPrice: max })}
            aria-current={asked.minPrice === min && asked.maxPrice === max ? 'true' : undefined}
          >
            {rangeName(min, max)}
          </a>
        ))}
      </nav>
      <div class="row">
        <label class="row small">
          <input
            type="checkbox"
            checked={asked.inStock}
            onChange={(event) => route(address({ inStock: event.currentTarget.checked }))}
          />
          {list.inStock}
        </label>
        <select
          aria-label={list.sort}
          value={asked.sort}
          onChange={(event) => route(address({ sort: event.currentTarget.value as Sort }))}
        >
          {sorts.map((name) => (
            <option key={name} value={name}>
              {list.sorts[name]}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

function rangeName(min: number | undefined, max: number | undefined): string {
  const { list } = words.value;
  if (min === undefined) return max === undefined ? list.anyPrice : list.upTo(krw(max));
  return max === undefined ? list.from(krw(min)) : list.between(krw(min), krw(max));
}
