import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { api } from '../shared/api.ts';
import { Picture, type PictureProps } from './picture.tsx';

/** Pictures of products that carts and orders name only by id; each is requested once per visit. */
const known = signal<ReadonlyMap<string, PictureProps['image']>>(new Map());
const asked = new Set<string>();

async function read(productId: string): Promise<void> {
  if (asked.has(productId)) return;
  asked.add(productId);
  try {
    const { images } = await api.call('readProduct', { path: { productId } });
    known.value = new Map([...known.peek(), [productId, images[0]]]);
  } catch {
    // A product that is not on sale has no picture to show.
  }
}

/** A small picture of a product; an empty place of the same size until it is there. */
export function Thumb({ productId }: { productId: string }) {
  useEffect(() => void read(productId), [productId]);
  return <Picture image={known.value.get(productId)} alt="" sizes="64px" class="thumb" />;
}
