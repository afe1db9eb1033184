import { mkdirSync } from 'node:fs';
import { writeLayer } from '../container/write-layer.ts';
import { writeLayout } from '../container/write-layout.ts';

/** Writes an image of three layers with a few bytes each. Returns its layout. */
export async function standInImage(layout: string): Promise<string> {
  mkdirSync(layout, { recursive: true });
  const layers = [];
  for (const name of ['base', 'node', 'app']) {
    const content = { bytes: Buffer.from(`stands for the layer ${name}`) };
    layers.push(await writeLayer(layout, [{ type: 'file', name, mode: 0o644, content }]));
  }
  const config = { User: '65532:65532', WorkingDir: '/', Env: [], Entrypoint: ['/node'], Cmd: [] };
  writeLayout(layout, layers, { arch: 'arm64', version: '0.0.0', config });
  return layout;
}
