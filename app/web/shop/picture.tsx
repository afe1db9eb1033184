import type { Answer } from '../client/rowlock-client.ts';

type Image = Answer<'readProduct'>['images'][number];

export interface PictureProps {
  readonly image: Image | undefined;
  readonly alt: string;
  /** The `sizes` attribute: how wide the picture is at each width of the window. */
  readonly sizes: string;
  /** Pictures of the first screen load first. */
  readonly isFirst?: boolean | undefined;
  readonly class?: string | undefined;
}

/** A product's picture in the size that the screen needs; its place is kept before it arrives. */
export function Picture({ image, alt, sizes, isFirst = false, class: name = '' }: PictureProps) {
  const largest = image?.variants.at(-1);
  if (image === undefined || largest === undefined)
    return <div class={`picture none ${name}`} aria-hidden="true" />;
  return (
    <img
      class={`picture ${name}`}
      src={image.variants[0]?.url}
      srcset={image.variants.map(({ url, width }) => `${url} ${width}w`).join(', ')}
      sizes={sizes}
      width={largest.width}
      height={largest.height}
      alt={alt}
      loading={isFirst ? 'eager' : 'lazy'}
      fetchpriority={isFirst ? 'high' : 'auto'}
      decoding="async"
    />
  );
}
