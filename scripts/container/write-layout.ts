import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundleArch } from '../bundle/bundle-packages.ts';
import { blobFolder, type WrittenLayer } from './write-layer.ts';

export interface ImageOptions {
  readonly arch: BundleArch;
  /** Version of the package. The tag also has the start of the digest, so each release has its own. */
  readonly version: string;
  readonly config: ImageConfig;
}

/** The part of the configuration that a container runtime reads ("OCI Image Configuration", `config`). */
export interface ImageConfig {
  readonly User: string;
  readonly WorkingDir: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
}

const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

const DIGEST_SHOWN = 12;

/**
 * Completes a folder that has the layers' blobs to an OCI image layout with one image, and removes blobs of
 * earlier builds. Nothing in it depends on the time. Returns the digest of the manifest and the tag.
 */
export function writeLayout(
  layout: string,
  layers: readonly WrittenLayer[],
  { arch, version, config }: ImageOptions,
): { digest: string; tag: string } {
  const architecture = arch === 'x64' ? 'amd64' : arch;
  mkdirSync(join(layout, blobFolder), { recursive: true });
  const configuration = writeBlob(layout, {
    architecture,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => `sha256:${diffId}`) },
  });
  const manifest = writeBlob(layout, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, ...configuration },
    layers: layers.map(({ digest, size }) => ({
      mediaType: mediaTypes.layer,
      digest: `sha256:${digest}`,
      size,
    })),
  });
  const tag = `${version}-${manifest.digest.slice('sha256:'.length).slice(0, DIGEST_SHOWN)}`;
  writeFileSync(
    join(layout, 'index.json'),
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [
        {
          mediaType: mediaTypes.manifest,
          ...manifest,
          platform: { architecture, os: 'linux' },
          annotations: { 'org.opencontainers.image.ref.name': tag },
        },
      ],
    }),
  );
  writeFileSync(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const used = new Set([
    ...layers.map(({ digest }) => digest),
    ...[configuration, manifest].map(({ digest }) => digest.slice('sha256:'.length)),
  ]);
  for (const name of readdirSync(join(layout, blobFolder))) {
    if (!used.has(name)) rmSync(join(layout, blobFolder, name));
  }
  return { digest: manifest.digest, tag };
}

function writeBlob(layout: string, content: object): { digest: string; size: number } {
  const text = JSON.stringify(content);
  const name = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(layout, blobFolder, name), text);
  return { digest: `sha256:${name}`, size: Buffer.byteLength(text) };
}
