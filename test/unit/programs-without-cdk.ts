import { type Import, importsOf, type SourceFile } from './imports-of.ts';

/** What runs in AWS: the app, the programs of an instance, and the code of Lambda functions. */
const program = /^(app|lib\/instance|lib\/[a-z]+\/functions)\/|^lib\/functions\/answer-request\.ts$/;
const cdk = /^(aws-cdk-lib|constructs)(\/|$)/;

/**
 * Programs that reach the CDK, themselves or through another file. It would enter their bundle: tens of
 * megabytes, and a start that takes seconds. `import type` counts only in the program's own file.
 */
export function programsWithCdk(files: readonly SourceFile[]): string[] {
  const importsByPath = new Map(files.map((file) => [file.path, importsOf(file)]));
  return [...importsByPath].flatMap(([path, imports]) =>
    program.test(path) && reachesCdk(imports, importsByPath, new Set([path]))
      ? [`${path} reaches the CDK`]
      : [],
  );
}

function reachesCdk(
  imports: readonly Import[],
  importsByPath: ReadonlyMap<string, readonly Import[]>,
  seen: Set<string>,
): boolean {
  return imports.some(({ specifier, target, isType }) => {
    if (cdk.test(specifier)) return true;
    if (target === undefined || isType || seen.has(target)) return false;
    seen.add(target);
    const further = (importsByPath.get(target) ?? []).filter((found) => !found.isType);
    return reachesCdk(further, importsByPath, seen);
  });
}
