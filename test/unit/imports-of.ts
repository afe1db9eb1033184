export interface SourceFile {
  /** Path relative to the repository root, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly from: string;
  readonly specifier: string;
  /** The imported file, if the specifier is relative. */
  readonly target: string | undefined;
  /** True for `import type`. */
  readonly isType: boolean;
}

/** All imports of a file, static and dynamic. */
export function importsOf({ path, text }: SourceFile): Import[] {
  const specifiers = text.matchAll(/(import type\b[^;']*?)?(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g);
  return [...specifiers].map(([, type, specifier = '']) => ({
    from: path,
    specifier,
    isType: type !== undefined,
    target: specifier.startsWith('.') ? new URL(specifier, `file:///${path}`).pathname.slice(1) : undefined,
  }));
}
