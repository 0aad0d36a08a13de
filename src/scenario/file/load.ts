/**
 * Lab file to lab: YAML, shape, names, meaning. All that is wrong is reported at once.
 * Read first: `schema.ts` for the shape, `lab.ts` for the result.
 */
import type { Lab } from '../lab.ts';
import { checkAddressing } from './checks.ts';
import { readDocument } from './document.ts';
import { LabFileError, type Path, type Problem, type Reporter } from './problems.ts';
import { resolveTopology } from './resolve.ts';
import { resolveSteps } from './resolve-steps.ts';
import type { LabFile } from './schema.ts';
import { declaredNames, type LoadOptions } from './scope.ts';
import { checkShape } from './shape.ts';

/**
 * Reads a lab file. Files it names are looked at, and not read but for user data.
 * @throws LabFileError with all problems in the order of the file.
 */
export function loadLab(text: string, options: LoadOptions): Lab {
  const document = readDocument(text);
  const problems: Problem[] = document.problems.map((problem) => ({
    file: options.file,
    ...problem,
  }));
  if (document.broken) throw new LabFileError(problems);
  const add = (path: Path, part: 'key' | 'value', message: string, offset = 0) => {
    problems.push({ file: options.file, ...document.locate(path, part, offset), message });
  };
  const shaped = checkShape(document.value, {
    at: (path, message) => add(path, 'value', message),
    atKey: (path, message) => add(path, 'key', message),
  });
  const report: Reporter = {
    at: (path, message, offset) => add(shaped.sourcePath(path), 'value', message, offset),
    atKey: (path, message) => add(shaped.sourcePath(path), 'key', message),
  };
  const lab = shaped.file === null ? null : resolve(shaped.file, document.value, report, options);
  if (lab === null || problems.length > 0) throw new LabFileError(inFileOrder(problems));
  return lab;
}

function resolve(file: LabFile, value: unknown, report: Reporter, options: LoadOptions): Lab {
  const scope = declaredNames(value, report, options);
  const topology = resolveTopology(file, scope);
  checkAddressing(topology, report);
  return { ...topology, steps: resolveSteps(file.steps ?? [], scope) };
}

/** Sorts by place and drops repetitions, which a subnet of several VPCs or a count can cause. */
function inFileOrder(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...unique.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}
