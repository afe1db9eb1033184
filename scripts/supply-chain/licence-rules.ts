/** Licences that ask for no more than their own text beside a copy. SPDX identifiers, those that occur. */
export const allowedLicences: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);

export interface LicenceException {
  /** Of the whole name of a package. */
  readonly packages: RegExp;
  readonly licence: string;
  readonly why: string;
}

/** What is used all the same. One that matches no package any more fails the test. */
export const licenceExceptions: readonly LicenceException[] = [
  {
    packages: /^@img\/sharp-(libvips-.+|win32-.+|wasm32|webcontainers-wasm32)$/,
    licence: 'LGPL-3.0-or-later',
    why: 'libvips, which makes the variants of images: unmodified, in a shared library of its own that whoever runs the shop can replace.',
  },
  {
    packages: /^@fontsource\//,
    licence: 'OFL-1.1',
    why: 'Fonts that the pictures of the demo catalogue are drawn with. The pictures are not under it, and no bundle has the fonts in it.',
  },
  {
    packages: /^argparse$/,
    licence: 'PSF-2.0',
    why: 'As free as MIT; a part of mocha, which runs tests and nothing else.',
  },
];
