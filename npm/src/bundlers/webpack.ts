/** Findings in webpack and Rspack: warnings and errors of the compilation. */
import { relative, sep } from 'node:path';
import type { Settings } from './options.js';
import type { Result } from './protocol.js';
import type { Issue } from './issue.js';
import { split } from './split.js';

/** What is used of a compilation. */
export interface WebpackCompilation {
  compiler: { watchMode: boolean; context: string; webpack: { WebpackError: new (message: string) => WebpackError } };
  warnings: Error[];
  errors: Error[];
}

interface WebpackError extends Error {
  file?: string;
  /** Lines are 1-based, columns 0-based. */
  loc?: unknown;
  hideStack?: boolean;
}

export function reportToWebpack(compilation: WebpackCompilation, result: Result, settings: Settings, addWatchFile: (file: string) => void): void {
  if (compilation.compiler.watchMode) result.files.forEach(addWatchFile);
  const { failing, warnings, remarks, failure } = split(result, settings);
  const { WebpackError } = compilation.compiler.webpack;
  const plain = (message: string): WebpackError => Object.assign(new WebpackError(`authlint: ${message}`), { hideStack: true });
  const located = (issue: Issue): WebpackError => Object.assign(plain(`${issue.message}\n\n${issue.frame}`), placeOf(issue, compilation.compiler.context));
  compilation.errors.push(...failing.map(located));
  compilation.warnings.push(...warnings.map(located), ...remarks.map(plain));
  if (failure !== undefined) compilation.errors.push(plain(failure));
}

function placeOf({ file, line, column, endLine, endColumn }: Issue, context: string): { file: string; loc: unknown } {
  const path = relative(context, file).split(sep).join('/');
  return { file: path.startsWith('../') ? path : `./${path}`, loc: { start: { line, column: column - 1 }, end: { line: endLine, column: endColumn - 1 } } };
}
