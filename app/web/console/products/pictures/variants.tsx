import type { AdminProduct } from '../product.ts';
import { pictureWords } from './words.ts';

type VariantList = AdminProduct['images'][number]['variants'];

/** The sizes that a worker has made, each a link to its file. */
export function Variants({ variants }: { variants: VariantList }) {
  const words = pictureWords.value;
  return (
    <p class="tiny variants num">
      <span class="quiet">{words.variants}</span>
      {distinct(variants).map(({ size, width, height, url }) => (
        <a key={size} href={url} target="_blank" rel="noreferrer">
          {words.variant(width, height)}
        </a>
      ))}
    </p>
  );
}

/** A small picture is not enlarged, so several of its sizes are the same. */
function distinct(variants: VariantList): VariantList {
  return variants.filter(
    ({ width }, index) => variants.findIndex((variant) => variant.width === width) === index,
  );
}
