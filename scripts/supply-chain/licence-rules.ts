/** SPDX identifiers of the licences in use that require no more than their own text beside a copy. */
export const allowedLicences: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);

export interface LicenceException {
  /** Matches the whole package name. */
  readonly packages: RegExp;
  readonly licence: string;
  readonly why: string;
}

/** Exceptions. One that no longer matches any package fails the test. */
export const licenceExceptions: readonly LicenceException[] = [
  {
    packages: /^@img\/sharp-(libvips-.+|win32-.+|wasm32|webcontainers-wasm32)$/,
    licence: 'LGPL-3.0-or-later',
    why:
      'libvips, which makes image variants: unmodified, in its own shared library that the operator can ' +
      'replace.',
  },
  {
    packages: /^@fontsource\//,
    licence: 'OFL-1.1',
    why:
      'Fonts of the demo catalogue pictures, which it does not cover, and of the pages, which carry the ' +
      'licence beside the font.',
  },
  {
    packages: /^axe-core$/,
    licence: 'MPL-2.0',
    why: 'Checks the accessibility of the pages in tests: unmodified, and no bundle contains it.',
  },
  {
    packages: /^argparse$/,
    licence: 'PSF-2.0',
    why: 'As permissive as MIT; part of mocha, which only runs tests.',
  },
];
