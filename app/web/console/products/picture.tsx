import type { AdminProduct } from './product.ts';

/** The first picture of a product at its smallest, or a place of the same size. */
export function Thumbnail({ images }: { images: AdminProduct['images'] }) {
  const variant = images[0]?.variants[0];
  if (variant === undefined) return <span class="thumbnail" aria-hidden="true" />;
  return (
    <img
      class="thumbnail"
      src={variant.url}
      width={variant.width}
      height={variant.height}
      alt=""
      loading="lazy"
      decoding="async"
    />
  );
}
