import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ImageBlob {
  /** Such as `sha256:…`. */
  readonly digest: string;
  readonly size: number;
  readonly file: string;
}

export interface ImageInLayout {
  /** Digest of the manifest, by which the workloads name the image. */
  readonly digest: string;
  readonly tag: string;
  readonly manifest: string;
  readonly mediaType: string;
  /** The configuration first, then the layers. */
  readonly blobs: readonly ImageBlob[];
}

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

interface Index {
  readonly manifests: readonly (Descriptor & {
    readonly mediaType: string;
    readonly annotations: Readonly<Record<string, string>>;
  })[];
}

/**
 * The one image of an OCI image layout, as `npm run container:build` writes it. Throws an Error that names
 * the command if there is none.
 */
export function imageLayout(directory: string): ImageInLayout {
  const blob = (digest: string) => join(directory, 'blobs', digest.replace(':', '/'));
  const { manifests } = readIndex(directory);
  const [found] = manifests;
  if (found === undefined || manifests.length > 1)
    throw new Error(`${directory} has ${manifests.length} images, not one`);
  const manifest = readFileSync(blob(found.digest), 'utf8');
  const { config, layers } = JSON.parse(manifest) as { config: Descriptor; layers: Descriptor[] };
  return {
    digest: found.digest,
    tag: found.annotations['org.opencontainers.image.ref.name'] ?? '',
    manifest,
    mediaType: found.mediaType,
    blobs: [config, ...layers].map(({ digest, size }) => ({ digest, size, file: blob(digest) })),
  };
}

function readIndex(directory: string): Index {
  try {
    return JSON.parse(readFileSync(join(directory, 'index.json'), 'utf8')) as Index;
  } catch (cause) {
    throw new Error(`no container image in ${directory}: run npm run container:build first`, { cause });
  }
}
